// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

namespace wolffia::json {

/// How deep objects and arrays may nest.
inline constexpr size_t kMaxDepth = 1024;

}  // namespace wolffia::json
