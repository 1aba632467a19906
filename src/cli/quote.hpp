// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace wolffia::cli {

/// `text` in double quotes for a message: quotes, backslashes, control characters and bytes that
/// are not UTF-8 are escaped, so that a name cannot move the cursor or forge a line. What is
/// longer than `limit` bytes ends in "...".
std::string quoted(std::string_view text, size_t limit = 256);

/// `text` itself where no shell and no reader could mistake it ("--root", "/a/b"), else quoted().
std::string quoted_if_needed(std::string_view text);

}  // namespace wolffia::cli
