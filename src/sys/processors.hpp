// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"

namespace wolffia::sys {

/// How many processors the calling process may run on. Source: sched_getaffinity(2).
Result<unsigned> usable_processors();

}  // namespace wolffia::sys
