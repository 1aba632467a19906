// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/user/containers.hpp"
#include "cli/user/ground.hpp"
#include "cli/user/images.hpp"
#include "cli/user/request.hpp"

namespace wolffia::cli::user {

/// Runs `request` as a container of the store. Returns the program's exit status.
Result<int> run_contained(const RunRequest& request, const std::string& runtime);

}  // namespace wolffia::cli::user
