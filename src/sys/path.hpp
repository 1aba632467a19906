// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/mount.hpp"

/// The only way to name files inside a container's root (I1): every path is resolved as if the
/// root were "/", so that no symbolic link, ".." or magic link leads out; everything is made by
/// one name in a directory that is held open. Every descriptor is close-on-exec.
namespace wolffia::sys {

/// Opens the directory `path` of the caller, to be the root of what follows. O_PATH.
/// Errors: ENOENT; ENOTDIR.
Result<InRoot> open_root(const char* path);

/// Opens what a bind mount takes from the caller's side. O_PATH.
Result<InRoot> open_source(const char* path, Follow follow);

/// The root of a mount is a root to resolve paths in.
InRoot root_of(MountTree tree);

/// Opens `path` below `root` with the flags of open(2); without O_NOFOLLOW a symbolic link in the
/// last component is resolved inside too. Source: openat2(2), RESOLVE_IN_ROOT and
/// RESOLVE_NO_MAGICLINKS, Linux 5.6.
/// Errors: ELOOP for a magic link; EAGAIN when a ".." met a rename or mount somewhere (try again);
/// ENOSYS on older kernels.
Result<InRoot> open_in_root(const Fd& root, const char* path, int flags);

/// How far a path can be followed.
struct Walked {
  InRoot at;            // the file, or (with O_PATH) the last directory that exists
  std::string missing;  // empty: all of it exists; else the names below `at`, "b/c"
};

/// Follows `path` one component at a time, as open_in_root() would, and says where it ends: a
/// symbolic link that dangles is followed to where its target would be.
/// Errors: ELOOP after 40 links and for the links of /proc/PID; ENOTDIR.
Result<Walked> walk_in_root(const Fd& root, std::string_view path, int flags);

/// Opens the entry `name` (no slash) of `dir`, never through a symbolic link: that is opened itself
/// with O_PATH, and ELOOP without.
Result<InRoot> open_entry(const Fd& dir, const char* name, int flags);

/// A second descriptor for what `file`, opened with O_PATH, refers to. Source: fcntl(2).
Result<InRoot> same_again(const Fd& file);

/// Makes an empty regular file. Errors: EEXIST, whatever kind of file it is that exists.
Result<void> make_file(const Fd& dir, const char* name, mode_t mode);

/// Makes a symbolic link with the text `target`. Errors: as make_file().
Result<void> make_symlink(const char* target, const Fd& dir, const char* name);

/// Makes a device node or FIFO: `mode` holds S_IFCHR, S_IFBLK or S_IFIFO. Source: mknodat(2).
/// Errors: EPERM for a device outside the initial user namespace.
Result<void> make_node(const Fd& dir, const char* name, mode_t mode, dev_t device);

/// Gives the entry `name`, never through a symbolic link, to `uid` and `gid`. Source: fchownat(2).
Result<void> change_entry_owner(const Fd& dir, const char* name, uint32_t uid, uint32_t gid);

/// Makes the directories `names` ("b/c") below `dir` and returns the last. Those that exist must
/// be directories, not links. Errors: ENOTDIR or ELOOP when one is something else.
Result<InRoot> make_directories_below(const Fd& dir, std::string_view names, mode_t mode);

/// Makes what is missing of the directory `path` below `root`, resolved as walk_in_root() does.
Result<void> make_directories(const Fd& root, std::string_view path, mode_t mode);

/// The text of the symbolic link that `link`, an O_PATH descriptor, refers to.
Result<std::string> link_text(const Fd& link);

}  // namespace wolffia::sys
