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

}  // namespace wolffia::overlay
