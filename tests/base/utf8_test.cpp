// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace wolffia {
namespace {

/// `code` in `length` bytes, whether that is its proper length or not.
std::string encoded(uint32_t code, size_t length) {
  constexpr uint8_t kFirst[] = {0x00, 0x00, 0xc0, 0xe0, 0xf0};
  std::string bytes(length, '\0');
  for (size_t i = length - 1; i > 0; --i, code >>= 6U)
    bytes[i] = static_cast<char>(0x80U | (code & 0x3fU));
  bytes[0] = static_cast<char>(kFirst[length] | code);
  return bytes;
}

size_t proper_length(uint32_t code) {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

TEST(utf8, takes_exactly_the_shortest_form_of_every_character) {
  for (uint32_t code = 0; code <= 0x1fffff; ++code) {
    const bool character = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    for (size_t length = proper_length(code); length <= 4; ++length) {
      const size_t expected = character && length == proper_length(code) ? length : 0;
      ASSERT_EQ(utf8_length(encoded(code, length)), expected) << code << " in " << length;
    }
  }
}

TEST(utf8, character_that_is_cut_off_has_no_length) {
  EXPECT_EQ(utf8_length(""), 0U);
  EXPECT_EQ(utf8_length("\xf0\x9f\x98"), 0U);
  EXPECT_EQ(utf8_length("\xc3"), 0U);
  EXPECT_EQ(utf8_length("\xc3 "), 0U);
}

}  // namespace
}  // namespace wolffia
