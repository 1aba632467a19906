// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Mounts: the calls of Linux 5.2 and later that name mounts by descriptor, and the older ones
/// that launch/trees falls back to. Attributes are MOUNT_ATTR_*, propagation is MS_SHARED,
/// MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE.
namespace wolffia::sys {

enum class Recurse : bool { No, Yes };
enum class Follow : bool { No, Yes };  // a symbolic link in the last component

/// What mount_setattr(2) changes in one call. To set an atime mode, `clear` holds all of
/// MOUNT_ATTR__ATIME.
struct AttributeChange {
  uint64_t set = 0;
  uint64_t clear = 0;
  uint64_t propagation = 0;  // 0: as it is
  bool empty() const { return set == 0 && clear == 0 && propagation == 0; }
};

/// Clones the mount at `path` (of the caller's, not of a container) into a tree attached nowhere.
/// The path is resolved once: what was checked on the result is what gets mounted.
/// Source: open_tree(2) with OPEN_TREE_CLONE, Linux 5.2.
/// Errors: EPERM without CAP_SYS_ADMIN; EINVAL if not recursive and a submount is locked, as those
/// of a user namespace's creator are; ENOSYS on older kernels.
Result<MountTree> clone_tree(const char* path, Recurse recurse, Follow follow);

/// The same for what an open descriptor refers to, which must lie in our mount namespace (a
/// detached tree can be cloned from Linux 6.15 on).
Result<MountTree> clone_tree(const Fd& at, Recurse recurse);

/// Both with `change` made to the tree before anybody sees it, to all of it if `recurse` says so.
/// Source: open_tree_attr(2), Linux 6.15. Errors: those of change_attributes() too.
Result<MountTree> clone_tree(const char* path, Recurse recurse, Follow follow,
                             const AttributeChange& change);
Result<MountTree> clone_tree(const Fd& at, Recurse recurse, const AttributeChange& change);

/// Attaches `tree` on top of whatever is mounted at `target`. Afterwards the tree's descriptor
/// refers to the attached mount. Source: move_mount(2), Linux 5.2.
/// Errors: EINVAL or ENOTDIR when one is a directory and the other is not.
Result<void> attach(const MountTree& tree, const Fd& target);

/// The same for the entry `name` of `dir`, which is not followed if it is a symbolic link.
Result<void> attach_at(const MountTree& tree, const Fd& dir, const char* name);

/// Source: mount_setattr(2), Linux 5.12.
/// Errors: EPERM when a flag to clear is locked; EINVAL when `mount` is no mount's root.
Result<void> change_attributes(const Fd& mount, const AttributeChange& change, Recurse recurse);

/// Shows the ids of a detached tree as `user_namespace` maps them. Source: MOUNT_ATTR_IDMAP in
/// mount_setattr(2), Linux 5.12. Errors: EPERM without CAP_SYS_ADMIN over the user namespace that
/// the file system was mounted in; EINVAL for a file system without id-mapped mounts.
Result<void> map_ids(const MountTree& tree, const Fd& user_namespace, Recurse recurse);

/// change_attributes() for every mount of the caller's tree.
Result<void> change_all_attributes(const AttributeChange& change);

/// Changes the propagation of the mount at a path of the caller's, `flags` with MS_REC of all below
/// as well. Source: mount(2).
Result<void> change_propagation(const char* path, uint64_t flags);

/// A file system being configured. Source: fsopen(2), fsconfig(2), Linux 5.2.
using FilesystemContext = FdOf<struct FilesystemContextKind>;

/// Errors: ENODEV when the kernel has no such file system; EPERM when a user namespace may not
/// mount it.
Result<FilesystemContext> open_filesystem(const char* type);

/// `value` may be null: then `key` is a flag. At most 255 bytes each.
Result<void> set_option(const FilesystemContext& context, const char* key, const char* value);

/// Makes the file system and a mount of it with `attributes`, attached nowhere. Source: fsmount(2).
Result<MountTree> make_filesystem(const FilesystemContext& context, uint64_t attributes);

/// What the file system itself says about the last failure; empty if nothing.
std::string filesystem_message(const FilesystemContext& context);

/// The arguments of mount(2); null pointers where it takes them.
struct MountCall {
  const char* source = nullptr;
  const char* target = nullptr;
  const char* type = nullptr;
  unsigned long flags = 0;  // MS_*
  const char* data = nullptr;
};

/// mount(2), with relative paths starting at `base`, which becomes the working directory.
Result<void> mount_by_path(const Fd& base, const MountCall& call);

/// Detaches the mount at a path, relative to `base` as above, and everything below it at once.
/// Source: umount2(2), MNT_DETACH. Errors: EINVAL when the mount is locked or there is none.
Result<void> detach_by_path(const Fd& base, const char* path);

/// Makes `root`, a mount's root, the root of the mount namespace and "/" of the calling process,
/// and detaches the former root. The working directory is "/". Source: pivot_root(2), "." and ".".
/// Errors: EINVAL when the current root is the initial ramfs.
Result<void> pivot_into(const Fd& root);

/// Makes `root` the "/" and working directory of the calling process only. Source: chroot(2).
Result<void> change_root(const Fd& root);

/// The number in /proc/self/mountinfo of the mount that `file` lies on.
/// Source: statx(2), STATX_MNT_ID, Linux 5.8. Errors: ENOSYS, also where only the field is missing.
Result<uint64_t> mount_id(const Fd& file);

/// The *_SUPER_MAGIC of the file system. Source: fstatfs(2).
Result<uint64_t> filesystem_type(const Fd& file);

/// MOUNT_ATTR_* of the mount that `file` lies on. Source: fstatvfs(3).
Result<uint64_t> attributes_of(const Fd& file);

/// MOUNT_ATTR_* as the MS_* of mount(2).
unsigned long legacy_flags(uint64_t attributes);

}  // namespace wolffia::sys
