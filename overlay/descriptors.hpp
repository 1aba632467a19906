// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "overlay/options.hpp"

namespace wolffia::overlay {

/// N of a path "/proc/self/fd/N" or "/dev/fd/N"; -1: it is another path.
int descriptor_of(std::string_view path);

/// The descriptors that layers are named by.
std::vector<int> descriptors_of(const Options& options);

/// Closes every descriptor but the standard streams and `keep`, in which -1 is none: somebody may
/// wait for the end of what was inherited.
Result<void> close_all_but(std::vector<int> keep);

}  // namespace wolffia::overlay
