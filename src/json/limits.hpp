// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

namespace wolffia::json {

/// How deep objects and arrays may nest. A value inside as many is refused, so the innermost of
/// them can only be empty.
inline constexpr size_t kMaxDepth = 1024;

}  // namespace wolffia::json
