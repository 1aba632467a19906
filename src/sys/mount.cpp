// SPDX-License-Identifier: Apache-2.0
#include "sys/mount.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include <array>

namespace wolffia::sys {
namespace {

constexpr unsigned open_tree_flags(Recurse recurse) {
  constexpr unsigned kClone = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
  return recurse == Recurse::Yes ? kClone | AT_RECURSIVE : kClone;
}

// One attribute in the three vocabularies of the kernel.
struct FlagRow {
  uint64_t attribute;   // mount_setattr(2)
  unsigned long mount;  // mount(2)
  unsigned long vfs;    // fstatvfs(3)
};

constexpr unsigned long kStNosymfollow = 0x2000;  // ST_NOSYMFOLLOW, which glibc 2.36 lacks

constexpr std::array kFlags{
    FlagRow{MOUNT_ATTR_RDONLY, MS_RDONLY, ST_RDONLY},
    FlagRow{MOUNT_ATTR_NOSUID, MS_NOSUID, ST_NOSUID},
    FlagRow{MOUNT_ATTR_NODEV, MS_NODEV, ST_NODEV},
    FlagRow{MOUNT_ATTR_NOEXEC, MS_NOEXEC, ST_NOEXEC},
    FlagRow{MOUNT_ATTR_NOATIME, MS_NOATIME, ST_NOATIME},
    FlagRow{MOUNT_ATTR_NODIRATIME, MS_NODIRATIME, ST_NODIRATIME},
    FlagRow{MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW, kStNosymfollow},
};

mount_attr to_kernel(const AttributeChange& change) {
  mount_attr attr{};
  attr.attr_set = change.set;
  attr.attr_clr = change.clear;
  attr.propagation = change.propagation;
  return attr;
}

Result<void> set_attributes(int dir, const char* path, unsigned flags,
                            const AttributeChange& change) {
  mount_attr attr = to_kernel(change);
  if (::mount_setattr(dir, path, flags, &attr, sizeof attr) < 0)
    return Error::last("mount_setattr");
  return {};
}

constexpr unsigned recurse_flag(Recurse recurse) {
  return recurse == Recurse::Yes ? AT_RECURSIVE : 0;
}

constexpr long kOpenTreeAttr = 467;  // on every architecture; too new for Debian 12's headers

Result<MountTree> open_tree_attr(int dir, const char* path, unsigned flags,
                                 const AttributeChange& change) {
  mount_attr attr = to_kernel(change);
  const long fd = ::syscall(kOpenTreeAttr, dir, path, flags, &attr, sizeof attr);
  if (fd < 0) return Error::last("open_tree_attr");
  return MountTree(static_cast<int>(fd));
}

constexpr unsigned nofollow_flag(Follow follow) {
  return follow == Follow::No ? AT_SYMLINK_NOFOLLOW : 0;
}

}  // namespace

Result<void> map_ids(const MountTree& tree, const Fd& user_namespace, Recurse recurse) {
  mount_attr attr{};
  attr.attr_set = MOUNT_ATTR_IDMAP;
  attr.userns_fd = static_cast<unsigned>(user_namespace.get());
  const unsigned flags = AT_EMPTY_PATH | recurse_flag(recurse);
  if (::mount_setattr(tree.get(), "", flags, &attr, sizeof attr) < 0)
    return Error::last("mount_setattr");
  return {};
}

Result<MountTree> clone_tree(const char* path, Recurse recurse, Follow follow) {
  const int fd = ::open_tree(AT_FDCWD, path, open_tree_flags(recurse) | nofollow_flag(follow));
  if (fd < 0) return Error::last("open_tree");
  return MountTree(fd);
}

Result<MountTree> clone_tree(const Fd& at, Recurse recurse) {
  const int fd = ::open_tree(at.get(), "", open_tree_flags(recurse) | AT_EMPTY_PATH);
  if (fd < 0) return Error::last("open_tree");
  return MountTree(fd);
}

Result<MountTree> clone_tree(const char* path, Recurse recurse, Follow follow,
                             const AttributeChange& change) {
  return open_tree_attr(AT_FDCWD, path, open_tree_flags(recurse) | nofollow_flag(follow), change);
}

Result<MountTree> clone_tree(const Fd& at, Recurse recurse, const AttributeChange& change) {
  return open_tree_attr(at.get(), "", open_tree_flags(recurse) | AT_EMPTY_PATH, change);
}

Result<void> attach(const MountTree& tree, const Fd& target) {
  constexpr unsigned kBothAreFds = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  if (::move_mount(tree.get(), "", target.get(), "", kBothAreFds) < 0)
    return Error::last("move_mount");
  return {};
}

Result<void> attach_at(const MountTree& tree, const Fd& dir, const char* name) {
  if (::move_mount(tree.get(), "", dir.get(), name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
    return Error::last("move_mount");
  return {};
}

Result<void> change_attributes(const Fd& mount, const AttributeChange& change, Recurse recurse) {
  const unsigned flags = recurse == Recurse::Yes ? AT_EMPTY_PATH | AT_RECURSIVE : AT_EMPTY_PATH;
  return set_attributes(mount.get(), "", flags, change);
}

Result<void> change_all_attributes(const AttributeChange& change) {
  return set_attributes(AT_FDCWD, "/", AT_RECURSIVE, change);
}

Result<void> change_propagation(const char* path, uint64_t flags) {
  if (::mount(nullptr, path, nullptr, flags, nullptr) < 0) return Error::last("mount");
  return {};
}

Result<FilesystemContext> open_filesystem(const char* type) {
  const int fd = ::fsopen(type, FSOPEN_CLOEXEC);
  if (fd < 0) return Error::last("fsopen");
  return FilesystemContext(fd);
}

Result<void> set_option(const FilesystemContext& context, const char* key, const char* value) {
  const unsigned command = value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
  if (::fsconfig(context.get(), command, key, value, 0) < 0) return Error::last("fsconfig");
  return {};
}

Result<MountTree> make_filesystem(const FilesystemContext& context, uint64_t attributes) {
  if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
    return Error::last("fsconfig");
  const int fd = ::fsmount(context.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes));
  if (fd < 0) return Error::last("fsmount");
  return MountTree(fd);
}

std::string filesystem_message(const FilesystemContext& context) {
  // Each read gives one line such as "e tmpfs: Bad value for 'size'"; e is for error.
  std::array<char, 256> line{};
  std::string message;
  for (;;) {
    const ssize_t n = ::read(context.get(), line.data(), line.size());
    if (n <= 2) return message;
    std::string_view text(line.data(), static_cast<size_t>(n));
    if (text.back() == '\n') text.remove_suffix(1);
    if (text.starts_with("e ")) message = text.substr(2);
  }
}

Result<void> mount_by_path(const Fd& base, const MountCall& call) {
  if (::fchdir(base.get()) < 0) return Error::last("fchdir");
  if (::mount(call.source, call.target, call.type, call.flags, call.data) < 0)
    return Error::last("mount");
  return {};
}

Result<void> detach_by_path(const Fd& base, const char* path) {
  if (::fchdir(base.get()) < 0) return Error::last("fchdir");
  if (::umount2(path, MNT_DETACH) < 0) return Error::last("umount2");
  return {};
}

Result<void> pivot_into(const Fd& root) {
  if (::fchdir(root.get()) < 0) return Error::last("fchdir");
  // Without a directory for the old root: it ends up on top of the new one, where "." finds it.
  if (::syscall(SYS_pivot_root, ".", ".") < 0) return Error::last("pivot_root");
  if (::umount2(".", MNT_DETACH) < 0) return Error::last("umount2");
  if (::chdir("/") < 0) return Error::last("chdir");
  return {};
}

Result<void> change_root(const Fd& root) {
  if (::fchdir(root.get()) < 0) return Error::last("fchdir");
  if (::chroot(".") < 0) return Error::last("chroot");
  if (::chdir("/") < 0) return Error::last("chdir");
  return {};
}

Result<uint64_t> mount_id(const Fd& file) {
  struct statx status {};
  if (::statx(file.get(), "", AT_EMPTY_PATH, STATX_MNT_ID, &status) < 0)
    return Error::last("statx");
  if ((status.stx_mask & STATX_MNT_ID) == 0) {
    errno = ENOSYS;
    return Error::last("statx");
  }
  return status.stx_mnt_id;
}

Result<uint64_t> filesystem_type(const Fd& file) {
  struct statfs status {};
  if (::fstatfs(file.get(), &status) < 0) return Error::last("fstatfs");
  return static_cast<uint32_t>(status.f_type);  // signed on some architectures, the magics are not
}

Result<uint64_t> attributes_of(const Fd& file) {
  struct statvfs status {};
  if (::fstatvfs(file.get(), &status) < 0) return Error::last("fstatvfs");
  uint64_t attributes = 0;
  for (const FlagRow& row : kFlags)
    if (status.f_flag & row.vfs) attributes |= row.attribute;
  // Strict atime is what is left where neither of the others is named. Source: statfs(2).
  constexpr unsigned long kOtherAtimes = ST_NOATIME | ST_RELATIME;
  if ((status.f_flag & kOtherAtimes) == 0) attributes |= MOUNT_ATTR_STRICTATIME;
  return attributes;
}

unsigned long legacy_flags(uint64_t attributes) {
  unsigned long flags = 0;
  for (const FlagRow& row : kFlags)
    if (attributes & row.attribute) flags |= row.mount;
  const uint64_t atime = attributes & MOUNT_ATTR__ATIME;
  if (atime == MOUNT_ATTR_STRICTATIME) flags |= MS_STRICTATIME;
  if (atime == MOUNT_ATTR_RELATIME) flags |= MS_RELATIME;
  return flags;
}

}  // namespace wolffia::sys
