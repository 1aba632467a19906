// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// File systems as a whole, and which machine it is that uses them.
namespace wolffia::sys {

/// Writes to disk all that was written to the file system of `file`. Source: syncfs(2).
Result<void> sync_filesystem(const Fd& file);

/// Bytes that an ordinary user may still write. Source: fstatvfs(3), f_bavail.
Result<uint64_t> free_space(const Fd& file);

/// The last change of `file` is now, by the clock of whoever keeps it. Source: futimens(3).
Result<void> touch(const Fd& file);

/// Source: gethostname(2).
std::string host_name();

/// Sixteen hexadecimal digits that nobody else has. Source: getrandom(2).
Result<std::string> random_name();

}  // namespace wolffia::sys
