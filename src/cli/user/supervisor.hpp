// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "cli/user/attempt.hpp"

namespace wolffia::cli::user {

/// Starts the container in the background, with a supervisor of its own that keeps its output,
/// writes how it ended, starts it again where --restart says so, and ends it after --timeout.
/// Returns when its program runs. Errors: what kept it from running, and then nothing is left
/// running.
Result<void> run_detached(Assembly& assembly);

}  // namespace wolffia::cli::user
