// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <csignal>

#include "launch/facts.hpp"
#include "launch/rootfs_fixture.hpp"

// Images that want the set-up to touch something outside their root.
namespace wolffia::launch {
namespace {

using test::describe;
using test::fingerprint;
using test::mounts;

/// Everything outside the root is a canary.
class HostileTest : public RootfsTest {
 protected:
  HostileTest() {
    std::filesystem::create_directories(dir_ / "outside/dev");
    test::write_text(dir_ / "outside/file", "canary");
  }

  std::string outside(std::string_view name = "") const {
    return dir_ / ("outside" + std::string(name));
  }

  /// Replaces an entry of the root by a symbolic link.
  void link(std::string_view name, const std::string& target) {
    std::filesystem::remove_all(in_root(name));
    std::filesystem::create_symlink(target, in_root(name));
  }

  std::string build_harmless(const std::function<std::string()>& look) {
    const std::string before = fingerprint(outside());
    std::string text = build(look);
    EXPECT_EQ(fingerprint(outside()), before) << "something outside the root changed";
    return text;
  }

  /// The ways to spell a link out of the root, from one of its directories.
  std::vector<std::string> ways_out(const std::string& target) const {
    return {target, "../../../../../../../../../.." + target, "/proc/self/root" + target,
            "/proc/self/cwd/../../../../../.." + target, "/proc/1/root" + target};
  }
};

TEST_F(HostileTest, a_mount_on_a_link_of_our_own_dev_stays_inside) {
  add_proc();
  add_tmpfs("/dev");
  add_tmpfs("/dev/fd").data = {"mode=755"};
  const std::string text = build([] { return mounts() + describe("/proc/self/fd"); });
  SKIP_IF_REFUSED();
  EXPECT_NE(text.find("/fd tmpfs "), std::string::npos) << text;
}

TEST_F(HostileTest, a_linked_proc_or_sys_is_refused) {
  for (const auto kind : {plan::MountKind::Proc, plan::MountKind::Sysfs}) {
    const bool proc = kind == plan::MountKind::Proc;
    const std::string name = proc ? "proc" : "sys";
    for (const std::string& way : ways_out(outside())) {
      link(name, way);
      plan_.mounts.clear();
      add_mount(kind, proc ? "proc" : "sysfs", name, "/" + name);
      const std::string text = build_harmless(mounts);
      SKIP_IF_REFUSED();
      EXPECT_EQ(text, "error: mounts[0] on /" + name +
                          ": the root file system has something else than a directory there, "
                          "perhaps a symbolic link");
    }
  }
}

TEST_F(HostileTest, a_proc_that_is_a_file_is_refused) {
  std::filesystem::remove(in_root("proc"));
  test::write_text(in_root("proc"), "not a directory");
  add_proc();
  const std::string text = build_harmless(mounts);
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.starts_with("error: mounts[0] on /proc: ")) << text;
}

TEST_F(HostileTest, a_linked_dev_never_leads_outside_with_a_dev_mount) {
  for (const std::string& way : ways_out(outside("/dev"))) {
    link("dev", way);
    plan_.mounts.clear();
    plan_.devices.clear();
    add_tmpfs("/dev").data = {"mode=755"};
    add_default_devices();
    (void)build_harmless(mounts);
    SKIP_IF_REFUSED();
  }
}

TEST_F(HostileTest, a_linked_dev_never_leads_outside_without_a_dev_mount) {
  for (const std::string& way : ways_out(outside("/dev"))) {
    link("dev", way);
    plan_.devices.clear();
    add_default_devices();
    (void)build_harmless(mounts);
    SKIP_IF_REFUSED();
  }
}

TEST_F(HostileTest, a_dev_linked_into_the_root_gets_its_nodes_there) {
  std::filesystem::create_directory(in_root("elsewhere"));
  link("dev", "/elsewhere");
  add_default_devices();
  const std::string text = build_harmless([] { return describe("/elsewhere/null"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "char 1:3");
}

TEST_F(HostileTest, a_linked_node_is_refused_not_followed) {
  add_default_devices();
  for (const std::string& target : {outside("/file"), outside("/new"), std::string("/etc/x")}) {
    link("dev/null", target);
    const std::string text = build_harmless(mounts);
    SKIP_IF_REFUSED();
    EXPECT_EQ(text, "error: device /dev/null: the root file system has something else there");
  }
  EXPECT_EQ(describe(in_root("etc/x")), "missing");
}

TEST_F(HostileTest, a_linked_parent_of_a_device_stays_inside) {
  plan::DeviceStep device;
  device.path = "/dev/net/null";
  device.type = oci::DeviceType::Char;
  device.major = 1;
  device.minor = 3;
  plan_.devices = {device};
  for (const std::string& way : ways_out(outside())) {
    link("dev/net", way);
    (void)build_harmless(mounts);
    SKIP_IF_REFUSED();
  }
}

TEST_F(HostileTest, mount_targets_behind_links_stay_inside) {
  for (const std::string& way : ways_out(outside())) {
    link("data", way);
    plan_.mounts.clear();
    add_tmpfs("/data/made/by/mount");
    (void)build_harmless(mounts);
    SKIP_IF_REFUSED();
  }
}

TEST_F(HostileTest, a_dangling_target_is_made_where_it_points_inside) {
  link("data", "/not/there/yet");
  add_tmpfs("/data").data = {"mode=701"};
  const std::string text = build_harmless([] { return describe("/not/there/yet"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "dir 701");
}

TEST_F(HostileTest, links_that_go_in_circles_end) {
  link("data", "/tmp/a");
  link("tmp/a", "/data");
  add_tmpfs("/data");
  const std::string text = build_harmless(mounts);
  SKIP_IF_REFUSED();
  EXPECT_NE(text.find("Too many levels of symbolic links"), std::string::npos) << text;
}

TEST_F(HostileTest, masks_never_come_from_the_image) {
  // The image's /dev/null is a readable file (CVE-2025-31133); there is no /dev mount.
  test::write_text(in_root("dev/null"), "secret of the image");
  test::write_text(in_root("etc/secret"), "secret");
  add_default_devices();
  plan_.masked_paths = {"/etc/secret"};
  const std::string text = build_harmless(
      [] { return describe("/etc/secret") + " [" + test::read_text("/etc/secret") + "]"; });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "char 1:3 []");
}

TEST_F(HostileTest, masked_and_readonly_paths_behind_links_stay_inside) {
  test::write_text(in_root("etc/target"), "text");
  link("data", outside());
  link("tmp/in", "/etc/target");
  plan_.masked_paths = {"/data/file", "/tmp/in"};
  plan_.readonly_paths = {"/data"};
  const std::string text = build_harmless([] { return describe("/etc/target"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "char 1:3");
}

TEST_F(HostileTest, a_path_through_a_magic_link_is_an_error) {
  add_proc();
  plan_.masked_paths = {"/proc/self/root/etc"};
  const std::string text = build_harmless(mounts);
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.starts_with("error: linux.maskedPaths /proc/self/root/etc: ")) << text;
}

TEST_F(HostileTest, a_bind_source_swapped_meanwhile_is_the_one_that_was_opened_or_its_successor) {
  // Someone exchanges a source for a link to a secret, over and over: either of the two honest
  // directories is mounted, never what the link leads to inside the container's own view.
  std::filesystem::create_directory(dir_ / "source");
  test::write_text(dir_ / "source/file", "honest");
  std::filesystem::create_symlink(outside(), dir_ / "evil");
  const pid_t racer = ::fork();
  if (racer == 0) {
    const std::string a = dir_ / "source";
    const std::string b = dir_ / "evil";
    for (;;)
      (void)::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
  }
  add_bind(dir_ / "source", "/data").source_nofollow = true;
  for (int i = 0; i < 30; ++i) {
    const std::string text = build([] { return test::read_text("/data/file"); });
    if (!skipped_.empty()) break;
    EXPECT_NE(text, "canary");
  }
  ::kill(racer, SIGKILL);
  (void)::waitpid(racer, nullptr, 0);
  SKIP_IF_REFUSED();
}

TEST_F(HostileTest, a_target_raced_against_links_never_leads_outside) {
  std::filesystem::create_directory(in_root("data/dir"));
  std::filesystem::create_symlink(outside(), in_root("data/link"));
  const std::string before = fingerprint(outside());
  const pid_t racer = ::fork();
  if (racer == 0) {
    const std::string a = in_root("data/dir");
    const std::string b = in_root("data/link");
    for (;;)
      (void)::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
  }
  add_tmpfs("/data/dir/made/here");
  for (const char* forced : {"", "openat2"}) {
    forced_ = forced;
    for (int i = 0; i < 20 && skipped_.empty(); ++i)
      (void)build(mounts);
  }
  ::kill(racer, SIGKILL);
  (void)::waitpid(racer, nullptr, 0);
  SKIP_IF_REFUSED();
  EXPECT_EQ(fingerprint(outside()), before);
}

}  // namespace
}  // namespace wolffia::launch
