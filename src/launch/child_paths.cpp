// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>

#include "launch/fallback.hpp"
#include "launch/rootfs_parts.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

constexpr uint64_t kMaskAttributes =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/// A path that is not there needs no mask (runtime-spec: maskedPaths and readonlyPaths are about
/// what the container would see).
bool is_missing(const Error& error) {
  return error.is(ENOENT) || error.is(ENOTDIR);
}

Result<void> mask_file(Rootfs& rootfs, const sys::Fd& target) {
  const sys::Fd* null = TRY(proven_null(rootfs));
  sys::MountTree tree = TRY(rootfs.trees.clone(*null, sys::Recurse::No));
  TRY(rootfs.trees.attach(tree, target));
  rootfs.trees.done_with(std::move(tree));
  return {};
}

Result<void> mask_directory(Rootfs& rootfs, const sys::Fd& target) {
  const FilesystemRequest empty{.type = "tmpfs", .source = "tmpfs", .attributes = kMaskAttributes};
  if (rootfs.trees.make_at(empty, target, ".")) return {};
  sys::MountTree tree = TRY(rootfs.trees.make(empty));
  TRY(rootfs.trees.attach(tree, target));
  rootfs.trees.done_with(std::move(tree));
  return {};
}

/// Masks a path with what this process made or proved itself: an empty read-only tmpfs or the
/// host's /dev/null, never the image's (CVE-2025-31133). It is mounted by descriptor on the very
/// file that was looked at, so there is nothing left that could have been exchanged and would have
/// to be looked at again.
Result<void> mask(Rootfs& rootfs, const std::string& path) {
  // It would lie above "/", where no path leads: a mask that hides nothing.
  if (path == "/") return Error::because(EINVAL, "the root itself can't be masked");
  auto found = open_inside(rootfs.root, path.c_str(), O_PATH);
  if (!found && is_missing(found.error())) return {};
  sys::InRoot target = TRY(std::move(found));
  const struct stat status = TRY(sys::stat_fd(target));
  TRY(S_ISDIR(status.st_mode) ? mask_directory(rootfs, target) : mask_file(rootfs, target));
  rootfs.trees.done_with(std::move(target));
  return {};
}

/// Puts a read-only clone of what is there, submounts included (I16), on top of it. Private: what
/// is mounted outside later would come in writable.
Result<void> make_readonly(Rootfs& rootfs, const std::string& path) {
  constexpr sys::AttributeChange kReadonly{.set = MOUNT_ATTR_RDONLY, .propagation = MS_PRIVATE};
  if (path == "/") return rootfs.trees.change(rootfs.root, kReadonly, sys::Recurse::Yes);
  auto found = open_inside(rootfs.root, path.c_str(), O_PATH);
  if (!found && is_missing(found.error())) return {};
  sys::InRoot target = TRY(std::move(found));
  sys::MountTree tree = TRY(rootfs.trees.clone(target, sys::Recurse::Yes, kReadonly));
  TRY(rootfs.trees.attach(tree, target));
  rootfs.trees.done_with(std::move(target));
  rootfs.trees.done_with(std::move(tree));
  return {};
}

Result<void> seal_root(Rootfs& rootfs) {
  if (!rootfs.plan.root.readonly) return {};
  constexpr sys::AttributeChange kReadonly{.set = MOUNT_ATTR_RDONLY};
  for (const sys::MountTree& mirror : rootfs.mirrors)
    TRY(rootfs.trees.change(mirror, kReadonly, sys::Recurse::No));
  return rootfs.trees.change(rootfs.root, kReadonly, sys::Recurse::No);
}

}  // namespace

Result<void> seal_paths(Rootfs& rootfs) {
  for (const std::string& path : rootfs.plan.masked_paths)
    TRY(mask(rootfs, path), "linux.maskedPaths ", path);
  for (const std::string& path : rootfs.plan.readonly_paths)
    TRY(make_readonly(rootfs, path), "linux.readonlyPaths ", path);
  TRY(seal_dev(rootfs), "mount on /dev");
  TRY(seal_root(rootfs), "root.readonly");
  return {};
}

}  // namespace wolffia::launch
