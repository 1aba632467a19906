// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/result.hpp"

namespace wolffia::sys {

/// Closes every descriptor but the standard streams and `keep`, in which -1 is none: somebody may
/// wait for the end of what was inherited.
Result<void> close_all_but(std::vector<int> keep);

}  // namespace wolffia::sys
