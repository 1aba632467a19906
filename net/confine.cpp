// SPDX-License-Identifier: Apache-2.0
#include "net/confine.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "sys/attributes.hpp"
#include "sys/caps.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"
#include "sys/namespace.hpp"
#include "sys/process.hpp"

namespace wolffia::net {
namespace {

constexpr uint64_t bit(int capability) {
  return uint64_t{1} << capability;
}

/// Connections have buffers of 256 KiB at most, and there are some thousands of them at most.
constexpr uint64_t kMostMemory = uint64_t{1} << 30;

/// Sanitizers take terabytes for themselves.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

Result<void> bound_resources() {
  TRY(sys::set_rlimit(RLIMIT_CORE, 0, 0));
  TRY(sys::raise_rlimit(RLIMIT_NOFILE));  // a connection is a descriptor
  return kSanitized ? Result<void>() : sys::set_rlimit(RLIMIT_AS, kMostMemory, kMostMemory);
}

Result<void> leave_namespaces() {
  const uint64_t held = TRY(sys::effective_capabilities());
  if ((held & bit(CAP_SYS_ADMIN)) == 0) TRY(sys::unshare_user());
  TRY(sys::unshare_namespaces(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS));
  return sys::change_propagation("/", MS_REC | MS_PRIVATE);
}

/// The file through another mount, so that writing to it does not hinder what makes the root
/// read-only. Empty before Linux 5.2.
sys::Fd open_aside(const sys::Fd& top) {
  const auto tree = sys::clone_tree(top, sys::Recurse::No);
  if (!tree) return {};
  auto file = sys::open_at(*tree, "etc/resolv.conf", O_WRONLY);
  return file ? std::move(file).value() : sys::Fd();
}

/// A file system of nothing but the one file, which nobody can write to by its name.
Result<sys::Fd> empty_root(std::string_view resolv_conf) {
  constexpr unsigned long kInert = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  const sys::Fd place = TRY(sys::open_at(sys::cwd(), "/proc", O_PATH | O_DIRECTORY), "/proc");
  TRY(sys::mount_by_path(place, {.source = "empty",
                                 .target = ".",
                                 .type = "tmpfs",
                                 .flags = kInert,
                                 .data = "size=256k,nr_inodes=8,mode=0555"}));
  const sys::Fd root = TRY(sys::open_at(sys::cwd(), "/proc", O_PATH | O_DIRECTORY), "/proc");
  TRY(sys::pivot_into(root));
  const sys::Fd top = TRY(sys::open_at(sys::cwd(), "/", O_RDONLY | O_DIRECTORY), "/");
  TRY(sys::make_directory(top, "etc", 0755), "/etc");
  {
    const sys::Fd file =
        TRY(sys::open_at(top, "etc/resolv.conf", O_WRONLY | O_CREAT | O_EXCL, 0644), "resolv.conf");
    TRY(sys::write_all(file, resolv_conf), "resolv.conf");
  }
  sys::Fd aside = open_aside(top);
  TRY(sys::mount_by_path(top, {.target = ".", .flags = MS_REMOUNT | MS_BIND | MS_RDONLY | kInert}));
  return aside;
}

Result<sys::Fd> move_into_cell(const Cell& cell) {
  TRY(leave_namespaces(), "leave the namespaces");
  return TRY(empty_root(cell.resolv_conf), "empty the root");
}

Result<void> drop_privileges(uint64_t keep) {
  const uint64_t held = TRY(sys::effective_capabilities());
  if ((held & bit(CAP_SETPCAP)) != 0) TRY(sys::limit_bounding(keep));  // else EPERM
  TRY(sys::set_ambient(0));
  TRY(sys::set_capabilities(keep, keep, 0));
  TRY(sys::set_dumpable(false));
  return sys::forbid_new_privileges();
}

}  // namespace

Result<uint64_t> capability_for_ports() {
  return TRY(sys::effective_capabilities()) & bit(CAP_NET_BIND_SERVICE);
}

Result<Confined> enter(const Cell& cell) {
  TRY(bound_resources(), "confine the daemon: bound resources");
  auto moved = move_into_cell(cell);
  if (!moved && cell.demands_namespaces) return Error(moved.error()).context("confine the daemon");
  Confined confined{.is_hidden = static_cast<bool>(moved), .resolv_conf = {}};
  if (moved) confined.resolv_conf = std::move(moved).value();
  return confined;
}

Result<void> lock_in(const Lock& lock) {
  TRY(drop_privileges(lock.kept_capabilities), "confine the daemon: drop privileges");
  if (lock.ends_with_parent)
    TRY(sys::die_with_parent(SIGKILL), "confine the daemon: end with its parent");
  TRY(lock.forbid(), "confine the daemon: forbid system calls");  // needs no_new_privs
  return {};
}

Result<Confined> confine(const Cell& cell, const Lock& lock) {
  Confined confined = TRY(enter(cell));
  TRY(lock_in(lock));
  return confined;
}

}  // namespace wolffia::net
