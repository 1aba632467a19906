// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "launch/mount_table.hpp"
#include "launch/rootfs_parts.hpp"
#include "sys/copy.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kPlaceMode = 0644;
constexpr size_t kMostEntries = 16384;  // of a directory that is mirrored: one mount each
constexpr uint64_t kKept = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
                           MOUNT_ATTR_NOSYMFOLLOW;  // what a layer takes over from below it

std::string octal(mode_t mode) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), mode & 07777U, 8);
  return {digits.data(), end.ptr};
}

/// An overlay of a writable tmpfs on the root file system. Its options name directories by
/// descriptor below the host's /proc. Source: overlayfs.rst; userxattr, Linux 5.11.
Result<sys::MountTree> make_overlay(Rootfs& rootfs) {
  Stage& stage = rootfs.trees.stage();
  const sys::InRoot upper = TRY(stage.private_directory());
  const sys::InRoot work = TRY(stage.private_directory());
  const std::array<std::string, 4> options{cat("lowerdir=self/fd/", rootfs.source.get()),
                                           cat("upperdir=self/fd/", upper.get()),
                                           cat("workdir=self/fd/", work.get()), "userxattr"};
  const uint64_t kept = TRY(sys::attributes_of(rootfs.source)) & kKept;
  const struct stat below = TRY(sys::stat_fd(rootfs.source));
  TRY(sys::change_mode(upper, below.st_mode & 07777U));  // the merged root shows the upper's
  return stage.make(
      {.type = "overlay", .source = "overlay", .options = options, .attributes = kept});
}

/// True if the kernel can't or may not put an overlay there; a copy of the tree in single mounts
/// is the other way.
bool refuses_overlay(const Error& error) {
  constexpr int kRefusals[] = {EPERM, EINVAL, ENODEV, EACCES, ENOSYS, EOPNOTSUPP, ELOOP};
  return std::any_of(std::begin(kRefusals), std::end(kRefusals),
                     [&](int code) { return error.is(code); });
}

/// Binds `entry` of a directory being mirrored over its place.
Result<void> bind_entry(Rootfs& rootfs, const sys::InRoot& entry, bool readonly,
                        const sys::Fd& mirror, const char* name) {
  sys::MountTree tree = TRY(rootfs.trees.clone(entry, sys::Recurse::Yes));
  if (readonly) TRY(rootfs.trees.change(tree, {.set = MOUNT_ATTR_RDONLY}, sys::Recurse::No));
  TRY(rootfs.trees.attach_at(tree, mirror, name));
  rootfs.trees.done_with(std::move(tree));
  return {};
}

/// Puts one entry of `below` into its mirror: links are copied, everything else is bound.
Result<void> mirror_entry(Rootfs& rootfs, const sys::Fd& below, const sys::Fd& mirror,
                          const char* name) {
  sys::InRoot entry = TRY(sys::open_entry(below, name, O_PATH));
  const struct stat status = TRY(sys::stat_fd(entry));
  if (S_ISLNK(status.st_mode)) {
    const std::string text = TRY(sys::link_text(entry));
    return sys::make_symlink(text.c_str(), mirror, name);
  }
  if (S_ISDIR(status.st_mode)) {
    TRY(sys::make_directory(mirror, name, kDirectoryMode));
  } else {
    TRY(sys::make_file(mirror, name, kPlaceMode));
  }
  // seal_paths() makes the root's own mount read-only; its clones have to follow.
  const bool readonly = rootfs.plan.root.readonly && TRY(on_root_mount(rootfs, entry));
  TRY(bind_entry(rootfs, entry, readonly, mirror, name));
  rootfs.trees.done_with(std::move(entry));
  return {};
}

/// The mode and, where it is mapped, the owner of what lies below.
Result<sys::MountTree> make_mirror(Rootfs& rootfs, const sys::Fd& below) {
  const struct stat status = TRY(sys::stat_fd(below));
  const uint64_t kept = TRY(sys::attributes_of(below)) & kKept;
  const std::array<std::string, 1> options{cat("mode=", octal(status.st_mode))};
  sys::MountTree mirror = TRY(rootfs.trees.make(
      {.type = "tmpfs", .source = "wolffia-mirror", .options = options, .attributes = kept}));
  (void)sys::change_entry_owner(mirror, ".", status.st_uid, status.st_gid);  // EINVAL: not mapped
  return mirror;
}

Result<sys::InRoot> mirror_directory(Rootfs& rootfs, const sys::InRoot& below) {
  sys::MountTree mirror = TRY(make_mirror(rootfs, below));
  const sys::InRoot listing = TRY(sys::open_entry(below, ".", O_RDONLY | O_DIRECTORY));
  const std::vector<std::string> names = TRY(sys::entry_names(listing, kMostEntries + 1));
  if (names.size() > kMostEntries)
    return Error::because(E2BIG, cat("more than ", kMostEntries, " entries to bind again"));
  TRY(rootfs.trees.attach(mirror, below));
  for (const std::string& name : names)
    TRY(mirror_entry(rootfs, below, mirror, name.c_str()), "entry ", name);
  rootfs.own_mounts.push_back(TRY(mount_id_of(rootfs.host_proc, mirror)));
  sys::InRoot layer = TRY(sys::same_again(mirror));
  rootfs.mirrors.push_back(std::move(mirror));
  return layer;
}

/// True for the root directory of the container itself.
Result<bool> is_root(Rootfs& rootfs, const sys::Fd& dir) {
  if (!TRY(on_root_mount(rootfs, dir))) return false;
  const struct stat root = TRY(sys::stat_fd(rootfs.root));
  const struct stat other = TRY(sys::stat_fd(dir));
  return root.st_dev == other.st_dev && root.st_ino == other.st_ino;
}

}  // namespace

Result<bool> on_root_mount(Rootfs& rootfs, const sys::Fd& file) {
  if (rootfs.root_mount == 0) rootfs.root_mount = TRY(mount_id_of(rootfs.host_proc, rootfs.root));
  return TRY(mount_id_of(rootfs.host_proc, file)) == rootfs.root_mount;
}

Result<void> cover_root(Rootfs& rootfs) {
  rootfs.wants_layer = false;
  rootfs.root_mount = 0;
  rootfs.dev.reset();
  rootfs.null.reset();
  rootfs.mirrors.clear();
  rootfs.own_mounts.clear();
  // All that was mounted so far goes, or the new clone would hold it as well.
  TRY(rootfs.trees.stage().detach(rootfs.root));
  TRY(attach_bare_root(rootfs));
  rootfs.layer = Layer::Mirror;
  // An overlay shows only the one file system, without what is mounted inside it.
  if (!TRY(mounts_below(rootfs.host_proc, rootfs.root)).empty()) return {};
  auto overlay = make_overlay(rootfs);
  if (!overlay && refuses_overlay(overlay.error())) return {};
  sys::MountTree tree = TRY(std::move(overlay), "overlay above the root file system");
  TRY(rootfs.trees.attach(tree, rootfs.source));
  rootfs.root = sys::root_of(std::move(tree));
  rootfs.layer = Layer::Overlay;
  return {};
}

Result<void> cover_directory(Rootfs& rootfs, sys::InRoot& dir) {
  if (rootfs.layer == Layer::None && TRY(on_root_mount(rootfs, dir))) {
    rootfs.wants_layer = true;
    return Error::because(EROFS, "a mount point is missing in the root file system");
  }
  const bool root = TRY(is_root(rootfs, dir));
  sys::InRoot layer = TRY(mirror_directory(rootfs, dir), "layer above a directory");
  if (root) rootfs.root = TRY(sys::same_again(layer));
  dir = std::move(layer);
  return {};
}

}  // namespace wolffia::launch
