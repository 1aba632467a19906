// SPDX-License-Identifier: Apache-2.0
#include "json/edit.hpp"

#include <gtest/gtest.h>

#include <array>

namespace wolffia::json {
namespace {

std::string edited(const std::string& text, std::initializer_list<Member> members) {
  const std::vector<Member> list(members);
  const auto result = with_members(text, list, "it");
  return result ? *result : result.error().message();
}

TEST(with_members, replaces_in_place_and_keeps_the_rest_as_bytes) {
  EXPECT_EQ(edited(R"({"a": 1.50, "b": {"x" : [ ]}, "c": "\u00e4"})", {{"b", "7"}}),
            R"({"a":1.50,"b":7,"c":"\u00e4"})");
}

TEST(with_members, adds_what_is_not_there_behind_the_others) {
  EXPECT_EQ(edited(R"({"a":1})", {{"c", "3"}, {"b", "[2]"}}), R"({"a":1,"c":3,"b":[2]})");
  EXPECT_EQ(edited("{}", {{"c", "3"}}), R"({"c":3})");
}

TEST(with_members, takes_a_member_away) {
  EXPECT_EQ(edited(R"({"a":1,"b":2})", {{"a", ""}, {"none", ""}}), R"({"b":2})");
}

TEST(with_members, writes_names_as_json_again) {
  EXPECT_EQ(edited(R"({"a\"b":1})", {}), R"({"a\"b":1})");
}

TEST(with_members, takes_objects_only) {
  EXPECT_EQ(edited("[1]", {}), "it must be an object");
}

TEST(with_item, adds_at_the_end) {
  EXPECT_EQ(with_item("", "1"), "[1]");
  EXPECT_EQ(with_item("null", "1"), "[1]");
  EXPECT_EQ(with_item("[]", "1"), "[1]");
  EXPECT_EQ(with_item("[ ]", "1"), "[1]");
  EXPECT_EQ(with_item("[ 1.0, [2] ]", "[]"), "[ 1.0, [2],[]]");
  EXPECT_EQ(with_item("[\"]\"\n]", "2"), "[\"]\",2]");
}

}  // namespace
}  // namespace wolffia::json
