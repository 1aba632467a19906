// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::sys {

/// Copies what is left of `from` to `to`. Source: sendfile(2), for it works between any two file
/// systems.
Result<void> copy_contents(const Fd& from, const Fd& to);

/// Gives the entry `name` of `dir` the mode, times and, where we may, the owner in `status`.
Result<void> copy_metadata(const struct stat& status, const Fd& dir, const char* name);

/// Source: fchmodat(2) on "." of an O_PATH directory.
Result<void> change_mode(const Fd& directory, mode_t mode);

}  // namespace wolffia::sys
