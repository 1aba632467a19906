// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace wolffia::cli {

/// How much a message matters, most first.
enum class Level : uint8_t { Error, Warning, Info, Debug };

}  // namespace wolffia::cli
