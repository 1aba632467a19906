// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>
#include <time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// What a file is besides its content, by descriptor (not one opened with O_PATH) or by a name in
/// an open directory, which is never followed.
namespace wolffia::sys {

Result<void> set_mode(const Fd& file, mode_t mode);  // fchmod(2)

/// Both times of the file. Source: futimens(3), utimensat(2).
Result<void> set_times(const Fd& file, timespec modified);
Result<void> set_entry_times(const Fd& dir, const char* name, timespec modified);

/// The size, with a hole where it grows. Source: ftruncate(2).
Result<void> set_size(const Fd& file, uint64_t size);

/// Writes every byte at `offset`. Source: pwrite(2).
Result<void> write_at(const Fd& file, std::string_view bytes, uint64_t offset);

/// Gives the file `from` (a symbolic link is the file itself) a second name. Source: linkat(2).
/// Errors: ENOENT; EEXIST; EPERM for directories; EMLINK.
Result<void> make_link(const Fd& from_dir, const char* from, const Fd& to_dir, const char* to);

/// Errors: ENOTSUP where the file system has no such attributes; EPERM.
/// Source: fsetxattr(2), fgetxattr(2), flistxattr(2).
Result<void> set_attribute(const Fd& file, const char* name, std::string_view value);
Result<std::string> attribute(const Fd& file, const char* name);
Result<std::vector<std::string>> attribute_names(const Fd& file);
Result<void> remove_attribute(const Fd& file, const char* name);  // fremovexattr(2)

}  // namespace wolffia::sys
