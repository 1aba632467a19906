// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace wolffia::json {

/// A member and its new value, as JSON.
using Member = std::pair<std::string, std::string>;

/// The object `text` with these members in place of those of the same names, or behind the others;
/// all other members stay byte for byte. An empty value takes the member away. `name` is what
/// messages call the text. Errors: EINVAL when it is no object.
Result<std::string> with_members(const std::string& text, std::span<const Member> members,
                                 std::string_view name);

/// The array `array` with one more item at its end, all else byte for byte; what is no array is one
/// without items. Precondition: both are JSON, or `array` is empty.
std::string with_item(std::string_view array, std::string_view item);

}  // namespace wolffia::json
