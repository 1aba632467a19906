// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/user/request.hpp"

namespace wolffia::cli::user {

/// How the limits that were asked for are kept. This release has no cgroup to keep them in, so a
/// limit is that of each process (setrlimit(2)) or is not applied.
struct LimitPlan {
  std::vector<Ulimit> rlimits;         // --ulimit, and what takes the place of a cgroup
  std::vector<std::string> sentences;  // one for each limit that no cgroup keeps
};

/// Errors: ENOTSUP with --strict, naming the first limit that is not applied.
Result<LimitPlan> plan_limits(const RunRequest& request);

}  // namespace wolffia::cli::user
