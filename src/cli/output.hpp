// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "base/result.hpp"

namespace wolffia::cli {

/// Writes a command's result to standard output. A result that could not be written is a failure:
/// the disk may be full, or the reader gone.
Result<void> print(std::string_view text);

/// Writes a message to standard error in one write(2), as callers show the first read only. When
/// that fails there is nobody left to tell.
void print_message(std::string_view text);

}  // namespace wolffia::cli
