// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "cli/option.hpp"
#include "cli/user/attempt.hpp"

namespace wolffia::cli::user {

/// `wolffia run`: returns the program's exit status.
Result<int> run(const Arguments& arguments);

/// Runs what was assembled, in the foreground or, with its id printed, in the background.
Result<int> start(Assembly& assembly);

}  // namespace wolffia::cli::user
