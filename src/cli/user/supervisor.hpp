// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "cli/user/attempt.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli::user {

/// Starts the container in the background, with a supervisor of its own that keeps its output,
/// writes how it ended, starts it again where --restart says so, and ends it after --timeout.
/// Returns 0 when its program runs, or else, told, the status to exit with; then nothing is left
/// running. `watcher`, where it is not empty, is the supervisor's end of the connection of somebody
/// who is attached from before the start: see attach.hpp. Errors: the supervisor was killed.
Result<int> run_detached(Assembly& assembly, sys::Fd watcher = {});

}  // namespace wolffia::cli::user
