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

/// Masks paths with what this process made or proved itself: one empty read-only tmpfs for all
/// directories and the host's /dev/null for files, never the image's (CVE-2025-31133). The mount
/// is attached by descriptor to the very file that was looked at, so there is nothing left that
/// could have been exchanged and would have to be looked at again.
class Masks {
 public:
  explicit Masks(Rootfs& rootfs) : rootfs_(rootfs) {}
  Masks(const Masks&) = delete;
  Masks& operator=(const Masks&) = delete;
  ~Masks() { rootfs_.trees.done_with(std::move(empty_)); }

  Result<void> mask(const std::string& path) {
    // It would lie above "/", where no path leads: a mask that hides nothing.
    if (path == "/") return Error::because(EINVAL, "the root itself can't be masked");
    auto found = open_inside(rootfs_.root, path.c_str(), O_PATH);
    if (!found && is_missing(found.error())) return {};
    sys::InRoot target = TRY(std::move(found));
    const struct stat status = TRY(sys::stat_fd(target));
    TRY(S_ISDIR(status.st_mode) ? mask_directory(target) : mask_file(target));
    rootfs_.trees.done_with(std::move(target));
    return {};
  }

 private:
  Result<void> mask_file(const sys::Fd& target) {
    const sys::Fd* null = TRY(proven_null(rootfs_));
    sys::MountTree tree = TRY(rootfs_.trees.clone(*null, sys::Recurse::No));
    TRY(rootfs_.trees.attach(tree, target));
    rootfs_.trees.done_with(std::move(tree));
    return {};
  }

  /// The first use attaches the tmpfs itself: only an attached one can be cloned before Linux 6.15.
  Result<void> mask_directory(const sys::Fd& target) {
    if (!empty_) {
      empty_ = TRY(
          rootfs_.trees.make({.type = "tmpfs", .source = "tmpfs", .attributes = kMaskAttributes}));
      return rootfs_.trees.attach(empty_, target);
    }
    sys::MountTree tree = TRY(rootfs_.trees.clone(empty_, sys::Recurse::No));
    TRY(rootfs_.trees.attach(tree, target));
    rootfs_.trees.done_with(std::move(tree));
    return {};
  }

  Rootfs& rootfs_;
  sys::MountTree empty_;
};

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
  Masks masks(rootfs);
  for (const std::string& path : rootfs.plan.masked_paths)
    TRY(masks.mask(path), "linux.maskedPaths ", path);
  for (const std::string& path : rootfs.plan.readonly_paths)
    TRY(make_readonly(rootfs, path), "linux.readonlyPaths ", path);
  TRY(seal_root(rootfs), "root.readonly");
  return {};
}

}  // namespace wolffia::launch
