// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Directories and their entries, by descriptor.
namespace wolffia::sys {

/// Source: mkdirat(2). Errors: EEXIST, whatever kind of file it is that exists.
Result<void> make_directory(const Fd& dir, const char* name, mode_t mode);

/// Opens the directory `name`, never through a symbolic link. Errors: ENOTDIR, ELOOP, ENOENT.
Result<Fd> open_directory(const Fd& dir, const char* name);

/// Names of all entries but "." and "..", in no order. `dir` keeps its position. At most `limit`
/// names are read: someone else may be filling the directory. Source: getdents64(2).
Result<std::vector<std::string>> entry_names(const Fd& dir, size_t limit);

/// What `name` itself is, a symbolic link included. Source: fstatat(2), AT_SYMLINK_NOFOLLOW.
Result<struct stat> stat_entry(const Fd& dir, const char* name);

/// Gives `from` the name `to`, in one step and in place of what had it. Source: renameat(2).
Result<void> rename_entry(const Fd& dir, const char* from, const char* to);

/// Gives the file `from` the second name `to`. Source: linkat(2). Errors: EEXIST, on NFS also where
/// it was this very call that made it: then the file has two names.
Result<void> link_entry(const Fd& dir, const char* from, const char* to);

/// Gives a file that open(2) made with O_TMPFILE the name `to`. Source: linkat(2),
/// AT_SYMLINK_FOLLOW. Errors: EEXIST.
Result<void> name_file(const Fd& file, const Fd& dir, const char* to);

/// Removes anything but a directory. Source: unlinkat(2).
Result<void> remove_entry(const Fd& dir, const char* name);

/// Removes an empty directory. Errors: ENOTEMPTY. Source: unlinkat(2), AT_REMOVEDIR.
Result<void> remove_directory(const Fd& dir, const char* name);

/// Removes everything in `dir`, however deep, never through a symbolic link, with two descriptors
/// and no recursion. Errors: what cannot be removed (EBUSY: a mount point).
Result<void> empty_directory(const Fd& dir);

/// Removes `name`, whatever it is, with all that is in it. Nothing to remove is no error. Errors:
/// as empty_directory(); EACCES for a full directory of another user.
Result<void> remove_tree(const Fd& dir, const char* name);

/// The number of fchmodat2(2), Linux 6.6, on every architecture.
inline constexpr int kFchmodat2 = 452;

/// Source: fchmodat(2), AT_SYMLINK_NOFOLLOW.
Result<void> change_mode(const Fd& dir, const char* name, mode_t mode);

/// A symbolic link `name` that holds `text`. Errors: EEXIST. Source: symlinkat(2).
Result<void> make_symlink(std::string_view text, const Fd& dir, const char* name);

/// Errors: EINVAL when it is no symbolic link. Source: readlinkat(2).
Result<std::string> read_symlink(const Fd& dir, const char* name);

}  // namespace wolffia::sys
