// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/state.hpp"
#include "plan/plan.hpp"

/// What is asked of systemd about the scope of a container, through the program wolffia-scope.
/// Errors: a sentence, ENOENT where that program is missing.
namespace wolffia::container {

/// Makes the scope, with the process in it.
Result<void> start_scope(const plan::ScopePlan& scope, pid_t pid);

/// Tells systemd of changed limits, so that it does not bring back those from before.
Result<void> set_scope(const State& state, const std::vector<std::string>& properties);

/// Has the process moved to the cgroup `path`, which is that of the scope or below it: systemd may
/// where we may not, from the session of a login to where its services are.
Result<void> enter_scope(const State& state, const std::string& path, pid_t pid);

}  // namespace wolffia::container
