// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <string>
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

/// Removes anything but a directory. Source: unlinkat(2).
Result<void> remove_entry(const Fd& dir, const char* name);

}  // namespace wolffia::sys
