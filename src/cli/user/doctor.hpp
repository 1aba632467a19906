// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "cli/option.hpp"

namespace wolffia::cli::user {

/// `wolffia doctor`: 0 where containers can run, 1 where they cannot.
Result<int> run_doctor(const Arguments& arguments);

}  // namespace wolffia::cli::user
