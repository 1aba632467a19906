// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::sys {

/// Copies what is left of `from` to `to`. Source: sendfile(2), for it works between any two file
/// systems.
Result<void> copy_contents(const Fd& from, const Fd& to);

/// Copies the first `size` bytes of the regular file `from` to the empty file `to`, holes as holes.
/// Source: SEEK_DATA in lseek(2), sendfile(2). Errors: ESTALE where `from` shrinks meanwhile.
Result<void> copy_with_holes(const Fd& from, const Fd& to, uint64_t size);

/// Makes `to` share the blocks of `from` until one of them is written to. Source: FICLONE in
/// ioctl_ficlonerange(2). Errors: EOPNOTSUPP, EXDEV, EINVAL where the file systems cannot.
Result<void> share_contents(const Fd& from, const Fd& to);

/// The extended attribute `name` of an open file; empty where it has none.
/// Source: fgetxattr(2).
std::string attribute_of(const Fd& file, const char* name);

/// Gives `to` those extended attributes of `from` whose names do not begin with `except`. One that
/// may not be set is left out. Source: flistxattr(2), fsetxattr(2).
void copy_attributes(const Fd& from, const Fd& to, std::string_view except);

/// Gives the entry `name` of `dir` the mode, times and, where we may, the owner in `status`.
Result<void> copy_metadata(const struct stat& status, const Fd& dir, const char* name);

/// Source: fchmodat(2) on "." of an O_PATH directory.
Result<void> change_mode(const Fd& directory, mode_t mode);

}  // namespace wolffia::sys
