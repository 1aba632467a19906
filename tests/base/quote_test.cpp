// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"

#include <gtest/gtest.h>

namespace wolffia {
namespace {

TEST(quote, escapes_what_moves_the_cursor) {
  EXPECT_EQ(printable("a\x1b[2Jb\r\n\t\x7f"), "a\\x1b[2Jb\\r\\n\\t\\x7f");
}

TEST(quote, escapes_the_controls_hidden_in_utf8) {
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");  // U+009B is ESC [
}

TEST(quote, keeps_utf8) {
  EXPECT_EQ(printable("größe – 根"), "größe – 根");
}

TEST(quote, escapes_bytes_that_are_not_utf8) {
  EXPECT_EQ(printable("a\xff\xc3"), "a\\xff\\xc3");
}

TEST(quote, keeps_a_message_that_has_quotes) {
  EXPECT_EQ(printable("unknown flag \"x\\n\""), "unknown flag \"x\\n\"");
}

TEST(quote, puts_a_backslash_before_quotes_and_backslashes) {
  EXPECT_EQ(quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
}

TEST(quote, cuts_what_is_too_long) {
  EXPECT_EQ(quoted("abcdef", 3), "\"abc...\"");
  EXPECT_EQ(quoted("abc", 3), "\"abc\"");
}

TEST(quote, cuts_no_character_in_two) {
  EXPECT_EQ(quoted("ab根c", 2), "\"ab...\"");
  EXPECT_EQ(quoted("ab根c", 3), "\"ab...\"");
  EXPECT_EQ(quoted("ab根c", 4), "\"ab...\"");
  EXPECT_EQ(quoted("ab根c", 5), "\"ab根...\"");
  EXPECT_EQ(quoted("\x80\x80\x80\x80", 3), "\"\\x80\\x80\\x80...\"");
  EXPECT_EQ(quoted("根", 0), "\"...\"");
}

TEST(quote, leaves_plain_words_bare) {
  EXPECT_EQ(quoted_if_needed("--root"), "--root");
  EXPECT_EQ(quoted_if_needed("/a b"), "\"/a b\"");
  EXPECT_EQ(quoted_if_needed(""), "\"\"");
  EXPECT_EQ(quoted_if_needed("$(x)"), "\"$(x)\"");
}

}  // namespace
}  // namespace wolffia
