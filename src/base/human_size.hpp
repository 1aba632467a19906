// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "base/text.hpp"

namespace wolffia {

/// "512 bytes", "12.3 MiB": for people. Never rounded up.
inline std::string human_size(uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return cat(bytes, " bytes");
  size_t unit = 0;
  uint64_t rest = bytes % 1024;
  for (bytes /= 1024; bytes >= 1024; ++unit) {
    rest = bytes % 1024;
    bytes /= 1024;
  }
  return cat(bytes, ".", rest * 10 / 1024, " ", kUnits[unit]);
}

}  // namespace wolffia
