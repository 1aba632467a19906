// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace wolffia::cli::user {

/// Executes `argv` in a new user and mount namespace with the ids this user can have, waits for it
/// and passes signals on. The runtime started there makes all other namespaces without a user
/// namespace of its own, and storage can be mounted for it beforehand.
/// Returns its exit status. What was degraded is told on standard error.
Result<int> run_in_outer_namespace(const std::vector<std::string>& argv);

}  // namespace wolffia::cli::user
