// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "json/field.hpp"

namespace wolffia::json {
namespace {

std::string failure(std::string text) {
  const auto document = Document::parse(std::move(text), "a.json");
  return document ? std::string() : document.error().message();
}

std::string repeated(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

TEST(document, key_that_appears_twice_is_named) {
  EXPECT_EQ(failure(R"({"a": 1, "b": 2, "a": 3})"), "a appears twice");
  EXPECT_EQ(failure(R"([{"a": {"b": [{}, {"c d": 1, "c d": 1}]}}])"),
            R"([0].a.b[1]["c d"] appears twice)");
}

TEST(document, key_written_with_escapes_is_the_same_key) {
  EXPECT_EQ(failure(R"({"key": 1, "k\u0065y": 2})"), "key appears twice");
}

TEST(document, empty_key_may_appear_once) {
  EXPECT_EQ(failure(R"({"": 1})"), "");
  EXPECT_EQ(failure(R"({"": 1, "": 2})"), R"([""] appears twice)");
}

TEST(document, same_key_in_different_objects_is_fine) {
  EXPECT_EQ(failure(R"({"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 1}]})"), "");
}

TEST(document, duplicates_are_found_among_many_keys) {
  std::string members;
  for (size_t i = 0; i < 1000; ++i)
    members += cat("\"k", i, "\": 0, ");
  EXPECT_EQ(failure(cat("{", members, "\"last\": 0}")), "");
  EXPECT_EQ(failure(cat("{", members, "\"k500\": 0}")), "k500 appears twice");
}

TEST(document, nests_up_to_a_bound) {
  EXPECT_EQ(failure(repeated("[", 1024) + repeated("]", 1024)), "");
  EXPECT_EQ(failure(repeated("[", 1024) + "0" + repeated("]", 1024)),
            "a.json is not valid JSON: line 1, column 1025: nested deeper than 1024 levels");
  EXPECT_EQ(failure(repeated("[", 200'000) + repeated("]", 200'000)),
            "a.json is not valid JSON: line 1, column 1025: nested deeper than 1024 levels");
  EXPECT_EQ(failure(repeated("{\"a\":", 200'000)),
            "a.json is not valid JSON: line 1, column 5117: nested deeper than 1024 levels");
}

TEST(document, size_is_bounded) {
  const std::string full = "\"" + std::string(Document::kMaxSize - 2, 'a') + "\"";
  EXPECT_EQ(failure(full), "");
  EXPECT_EQ(failure(full + " "), "a.json is larger than 16 MiB");
  EXPECT_TRUE(Document::parse(full + " ", "a.json").error().is(EFBIG));
}

TEST(document, fields_stay_valid_when_it_moves) {
  auto first = Document::parse(R"({"a": "text"})", "a.json");
  const Field field = *first->root().as<Object>()->find("a");
  const Document moved = std::move(first).value();
  EXPECT_EQ(field.as<std::string>().value(), "text");
  EXPECT_EQ(field.path(), "a");
}

TEST(document, raw_is_the_text_of_a_value) {
  const std::string text = R"({ "a" : [ 1 , "]" ] ,
    "b\u0062":{"c":"\\","d\"":true, "e" : -1.5e3 } })";
  const auto document = Document::parse("\n " + text + " ", "a.json");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->raw({}), text);
  EXPECT_EQ(document->raw({"a"}), R"([ 1 , "]" ])");
  EXPECT_EQ(document->raw({"bb", "c"}), R"("\\")");
  EXPECT_EQ(document->raw({"bb", "d\""}), "true");
  EXPECT_EQ(document->raw({"bb", "e"}), "-1.5e3");
}

TEST(document, raw_of_what_is_not_there_is_empty) {
  const auto document = Document::parse(R"({"a": 5})", "a.json");
  EXPECT_EQ(document->raw({"b"}), "");
  EXPECT_EQ(document->raw({"a", "b"}), "");
}

}  // namespace
}  // namespace wolffia::json
