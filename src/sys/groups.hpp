// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "base/result.hpp"

namespace wolffia::sys {

/// Those of the calling process, as its user namespace counts them. Source: getgroups(2).
Result<std::vector<uint32_t>> supplementary_groups();

}  // namespace wolffia::sys
