// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.hpp"

/// Numbers as people write them behind options. Every error is one sentence that begins with the
/// option.
namespace wolffia::cli {

/// "512m", "1.5g" is not one: digits and one of b, k, m, g, t, with or without a "b" or "ib"
/// behind.
Result<uint64_t> parse_size(std::string_view option, std::string_view text);

/// Seconds: "90", "90s", "5m", "2h", "1d".
Result<uint64_t> parse_duration(std::string_view option, std::string_view text);

Result<uint64_t> parse_number(std::string_view option, std::string_view text, uint64_t limit);

}  // namespace wolffia::cli
