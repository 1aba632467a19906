// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "cli/option.hpp"

namespace wolffia::cli::user {

/// `wolffia run`: returns the program's exit status.
Result<int> run(const Arguments& arguments);

}  // namespace wolffia::cli::user
