// SPDX-License-Identifier: Apache-2.0
#include "scope/value.hpp"

#include <gtest/gtest.h>

namespace wolffia::scope {
namespace {

using Words = std::vector<std::string>;

void expect_value(std::string_view text, std::string_view signature, const Words& words) {
  const auto value = parse_value(text);
  ASSERT_TRUE(value) << text << ": " << value.error().message();
  EXPECT_EQ(value->signature(), signature) << text;
  EXPECT_EQ(value->words, words) << text;
}

TEST(scope_value, basic_types) {
  expect_value("true", "b", {"true"});
  expect_value("5", "i", {"5"});
  expect_value(" -5 ", "i", {"-5"});
  expect_value("0.5", "d", {"0.5"});
  expect_value("uint64 18446744073709551615", "t", {"18446744073709551615"});
  expect_value("byte 0xff", "y", {"255"});
  expect_value("int16 -7", "n", {"-7"});
  expect_value("'text'", "s", {"text"});
  expect_value("\"it's\"", "s", {"it's"});
  expect_value(R"('a\'b\\c')", "s", {R"(a'b\c)"});
  expect_value("objectpath '/a'", "o", {"/a"});
  expect_value("@u 7", "u", {"7"});
}

TEST(scope_value, arrays) {
  expect_value("['a', 'b']", "as", {"a", "b"});
  expect_value("[byte 3, 0]", "ay", {"3", "0"});
  expect_value("[1,2]", "ai", {"1", "2"});
  expect_value("@as []", "as", {});
  expect_value("@at [1]", "at", {"1"});
}

TEST(scope_value, what_is_not_understood_is_refused) {
  for (const char* text : {"",           "soon",  "uint64 -1", "byte 256", "int32 5000000000",
                           "'open",      "'a' b", "[1",        "[1 2]",    "[1, 'a']",
                           "[true, 1]",  "[]",    "@a{sv} {}", "@as 'a'",  "string 5",
                           "uint64 'a'", "<5>",   "(1, 2)",    "'a\\",     "[1,]"}) {
    const auto value = parse_value(text);
    EXPECT_FALSE(value) << text;
  }
}

}  // namespace
}  // namespace wolffia::scope
