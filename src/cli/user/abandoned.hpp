// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/user/containers.hpp"

namespace wolffia::cli::user {

struct Abandoned {
  uint64_t removed = 0;
  std::vector<std::string> left;  // what could not be removed: "PATH: why"
};

/// Removes directories of containers that were never recorded and that nobody makes any more, and
/// names whose container is gone or has another. Called where all files can be removed: in the
/// outer namespace. What has a record is the user's, whatever became of it: that is for `rm`.
Result<Abandoned> remove_abandoned(const Containers& containers);

}  // namespace wolffia::cli::user
