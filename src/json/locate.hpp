// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace wolffia::json {

/// Where and why `text` is no valid JSON: "line 3, column 7: expected ',' or '}', found 'x'".
/// Lines and columns count from 1, columns in characters; the first fault is reported, bad UTF-8
/// included. Empty where this finds no fault. Runs only after the fast parser failed, which knows
/// that there is a fault but not where.
std::string locate_fault(std::string_view text);

}  // namespace wolffia::json
