// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

/// Base 64 with the alphabet of RFC 4648, section 4, and padding.
namespace wolffia {

std::string base64_encode(std::string_view bytes);

/// nullopt when `text` is not what base64_encode() gives for some bytes: spaces, missing padding
/// and bits that stand for nothing are refused, so that one text stands for one value.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace wolffia
