// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "cli/user/attempt.hpp"

namespace wolffia::cli::user {

/// Runs it in the foreground. Returns the program's exit status; 124 where --timeout ended it.
Result<int> run_foreground(Assembly& assembly);

}  // namespace wolffia::cli::user
