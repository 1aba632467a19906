// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

/// The words of others in our messages: a name must not be able to move the cursor, colour the
/// screen or forge a line.
namespace wolffia {

/// `text` with every control character, and every byte that is not UTF-8, as an escape ("\n",
/// "\x1b").
std::string printable(std::string_view text);

/// So many bytes of a name say in a message what it is.
inline constexpr size_t kQuoteLimit = 256;

/// printable(), in double quotes, with quotes and backslashes escaped too. What is longer than
/// `limit` bytes ends in "...", behind a whole character.
std::string quoted(std::string_view text, size_t limit = kQuoteLimit);

/// `text` itself where no reader could mistake it ("--root", "/a/b"), else quoted().
std::string quoted_if_needed(std::string_view text, size_t limit = kQuoteLimit);

}  // namespace wolffia
