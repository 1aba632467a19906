// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "launch/fallback.hpp"
#include "launch/rootfs_parts.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

constexpr const char* kConsole = "console";
constexpr mode_t kPlaceMode = 0600;
// Source: Documentation/admin-guide/devices.txt, Unix98 pty slaves.
constexpr unsigned kFirstSlaveMajor = 136;
constexpr unsigned kLastSlaveMajor = 143;

bool is_pty_slave(const struct stat& status) {
  const unsigned number = major(status.st_rdev);
  return S_ISCHR(status.st_mode) && number >= kFirstSlaveMajor && number <= kLastSlaveMajor;
}

bool same_node(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_rdev == b.st_rdev;
}

/// Clones the pty's own node and proves that it is that (CVE-2025-52565).
Result<sys::MountTree> clone_slave(Rootfs& rootfs, const sys::Fd& tty) {
  const struct stat wanted = TRY(sys::stat_fd(tty));
  if (!is_pty_slave(wanted)) return Error::because(ENOTTY, "the console is not a pty");
  sys::MountTree node = TRY(rootfs.trees.clone(tty, sys::Recurse::No));
  const struct stat got = TRY(sys::stat_fd(node));
  if (is_pty_slave(got) && same_node(wanted, got)) return node;
  return Error::because(ENODEV, "the console's node is another device");
}

/// The place for the node: a file or an older device, never a link.
Result<sys::InRoot> console_place(Rootfs& rootfs, sys::InRoot& dev) {
  auto place = sys::open_entry(dev, kConsole, O_PATH);
  if (!place && place.error().is(ENOENT)) {
    TRY(make_in(rootfs, dev,
                [](const sys::Fd& dir) { return sys::make_file(dir, kConsole, kPlaceMode); }));
    place = sys::open_entry(dev, kConsole, O_PATH);
  }
  sys::InRoot point = TRY(std::move(place));
  const struct stat status = TRY(sys::stat_fd(point));
  if (S_ISREG(status.st_mode) || S_ISCHR(status.st_mode)) return point;
  return Error::because(EEXIST, "the root file system has something else there");
}

}  // namespace

Result<void> prepare_console(Rootfs& rootfs, sys::InRoot& dev) {
  const plan::Plan& plan = rootfs.plan;
  if (!plan.process || !plan.process->terminal) return {};
  TRY(console_place(rootfs, dev), "/dev/console");
  return {};
}

Result<void> attach_console(Rootfs& rootfs, const sys::Fd& tty) {
  const sys::MountTree node = TRY(clone_slave(rootfs, tty), "process.terminal");
  sys::InRoot dev = rootfs.dev ? TRY(sys::same_again(rootfs.dev))
                               : TRY(open_target(rootfs, "/dev", Want::Directory, O_DIRECTORY));
  const sys::InRoot place = TRY(console_place(rootfs, dev), "/dev/console");
  TRY(rootfs.trees.attach(node, place), "/dev/console");
  return {};
}

}  // namespace wolffia::launch
