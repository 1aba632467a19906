// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"

namespace wolffia::sys {

/// Opens /dev/null where the caller left 0, 1 or 2 closed: else the next file opened would take
/// that number and pass for standard input, output or error. One system call when all are open.
Result<void> fill_standard_streams();

/// Whether `fd` is the number of an open descriptor.
bool is_open(int fd);

}  // namespace wolffia::sys
