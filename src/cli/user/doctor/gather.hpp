// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "cli/user/doctor/facts.hpp"

namespace wolffia::cli::user::doctor {

/// What the caller knows.
struct Known {
  std::string store;                  // --store; empty: wherever it is
  std::string runtime_missing;        // why wolffia-oci can't be started; empty: it can
  std::string image_program_missing;  // the same of wolffia-image
};

/// Everything the checks look at, within a second: nothing is waited for longer, and what changes a
/// process happens in another one. Needs no /proc.
Facts gather(Known known);

}  // namespace wolffia::cli::user::doctor
