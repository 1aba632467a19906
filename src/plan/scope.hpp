// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace wolffia::plan {

/// What systemd calls the limits, so that it shows and keeps them: properties as ScopePlan has
/// them. Limits that it has no property for are left out. Source: systemd.resource-control(5).
std::vector<std::string> limit_properties(std::span<const CgroupWrite> limits);

}  // namespace wolffia::plan
