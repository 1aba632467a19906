// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>
#include <linux/mount.h>
#include <sys/mount.h>

#include <filesystem>
#include <functional>
#include <string>

#include "launch/rootfs.hpp"
#include "support/namespaced.hpp"
#include "support/temp_dir.hpp"

namespace wolffia::launch {

/// A root directory and a plan for it, carried out in fresh namespaces.
class RootfsTest : public testing::Test {
 protected:
  RootfsTest() {
    std::filesystem::create_directories(root());
    plan_.root.path = root();
    plan_.user.how = plan::UserNamespacePlan::How::New;
    for (const char* name : {"proc", "sys", "dev", "etc", "data", "tmp"})
      std::filesystem::create_directory(in_root(name));
  }

  std::string root() const { return dir_ / "root"; }
  std::string in_root(std::string_view name) const { return root() + "/" + std::string(name); }

  plan::MountStep& add_mount(plan::MountKind kind, const std::string& type,
                             const std::string& source, const std::string& target) {
    plan::MountStep step;
    step.index = plan_.mounts.size();
    step.kind = kind;
    step.type = type;
    step.source = source;
    step.target = target;
    return plan_.mounts.emplace_back(std::move(step));
  }
  plan::MountStep& add_bind(const std::string& source, const std::string& target) {
    return add_mount(plan::MountKind::Bind, "bind", source, target);
  }
  plan::MountStep& add_tmpfs(const std::string& target) {
    return add_mount(plan::MountKind::Filesystem, "tmpfs", "tmpfs", target);
  }
  plan::MountStep& add_proc() { return add_mount(plan::MountKind::Proc, "proc", "proc", "/proc"); }
  void add_default_devices() {
    struct Row {
      const char* path;
      uint32_t major, minor;
    };
    for (const Row& row :
         {Row{"/dev/null", 1, 3}, Row{"/dev/zero", 1, 5}, Row{"/dev/full", 1, 7},
          Row{"/dev/random", 1, 8}, Row{"/dev/urandom", 1, 9}, Row{"/dev/tty", 5, 0}}) {
      plan::DeviceStep device;
      device.path = row.path;
      device.type = oci::DeviceType::Char;
      device.major = row.major;
      device.minor = row.minor;
      device.is_default = true;
      plan_.devices.push_back(device);
    }
  }

  /// The mounts, devices and paths of `runc spec`, with a read-only root.
  void add_runc_spec() {
    add_proc();
    auto& dev = add_tmpfs("/dev");
    dev.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME;
    dev.data = {"mode=755", "size=65536k"};
    const auto filesystem = plan::MountKind::Filesystem;
    add_mount(filesystem, "devpts", "devpts", "/dev/pts").data = {"newinstance", "ptmxmode=0666",
                                                                  "mode=0620"};
    add_mount(filesystem, "tmpfs", "shm", "/dev/shm").data = {"mode=1777", "size=65536k"};
    add_mount(filesystem, "mqueue", "mqueue", "/dev/mqueue");
    add_mount(plan::MountKind::Sysfs, "sysfs", "sysfs", "/sys").set = MOUNT_ATTR_RDONLY;
    add_mount(plan::MountKind::Cgroup, "cgroup", "cgroup", "/sys/fs/cgroup");
    add_default_devices();
    plan_.masked_paths = {"/proc/acpi",        "/proc/asound",        "/proc/kcore",
                          "/proc/keys",        "/proc/latency_stats", "/proc/timer_list",
                          "/proc/timer_stats", "/proc/sched_debug",   "/sys/firmware",
                          "/proc/scsi"};
    plan_.readonly_paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                            "/proc/sysrq-trigger"};
    plan_.root.readonly = true;
    plan_.root.cover = plan::Cover::IfMissing;
  }

  /// Builds the root and enters it in new namespaces; what `look` says there is the result, else
  /// "error: …". Notices are lines "notice: …" before it.
  std::string build(const std::function<std::string()>& look) {
    const auto inside = [&] { return test::in_namespaces(flags_, [&] { return run(look); }); };
    const auto outcome = !outer_ ? inside() : test::in_namespaces(0, [&] {
      outer_();
      const auto inner = inside();
      return inner.skipped.empty() ? inner.text : "skipped: " + inner.skipped;
    });
    if (!outcome.skipped.empty()) skipped_ = outcome.skipped;
    if (outcome.text.starts_with("skipped: ")) skipped_ = outcome.text;
    EXPECT_EQ(outcome.status, 0) << "the process that built the root died";
    return outcome.text;
  }

  plan::Plan plan_;
  test::TempDir dir_;
  int flags_ = CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWCGROUP;
  std::string skipped_;          // why this machine can't run the test
  std::string forced_;           // calls not to be used, as in WOLFFIA_FORCE_FALLBACK
  std::function<void()> outer_;  // runs in namespaces around those of the container
  std::function<Result<void>(Rootfs&)> before_seal_;

 private:
  std::string run(const std::function<std::string()>& look) {
    ::setenv("WOLFFIA_FORCE_FALLBACK", forced_.c_str(), 1);
    Rootfs rootfs{.plan = plan_, .host_proc = {}, .root = {}, .notices = {}};
    if (auto done = carry_out(rootfs); !done) return "error: " + done.error().message();
    std::string text;
    for (const std::string& notice : rootfs.notices)
      text += "notice: " + notice + "\n";
    return text + look();
  }

  Result<void> carry_out(Rootfs& rootfs) {
    rootfs.host_proc = TRY(open_host_proc());
    TRY(isolate_mounts(plan_.root));
    TRY(attach_root(rootfs));
    TRY(attach_mounts(rootfs));
    if (before_seal_) TRY(before_seal_(rootfs));
    TRY(seal_paths(rootfs));
    return enter_root(rootfs);
  }
};

/// Ends a test on a machine that can't run it.
#define SKIP_IF_REFUSED() \
  if (!skipped_.empty()) GTEST_SKIP() << skipped_

}  // namespace wolffia::launch
