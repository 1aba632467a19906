// SPDX-License-Identifier: Apache-2.0
#include "json/writer.hpp"

#include <gtest/gtest.h>

#include "json/field.hpp"

namespace wolffia::json {
namespace {

std::string as_json(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

TEST(writer, compact_text_has_no_spaces) {
  Writer out;
  out.begin_object().member("id", "a").key("pids").begin_array().value(1).value(-2).end_array();
  out.member("ok", true).key("none").null().end_object();
  EXPECT_EQ(std::move(out).take(), R"({"id":"a","pids":[1,-2],"ok":true,"none":null})");
}

TEST(writer, indents_every_level) {
  Writer out("  ");
  out.begin_object().member("a", 1).key("b").begin_array().begin_object().member("c", "d");
  out.end_object().value(2).end_array().end_object();
  EXPECT_EQ(std::move(out).take(),
            "{\n  \"a\": 1,\n  \"b\": [\n    {\n      \"c\": \"d\"\n    },\n    2\n  ]\n}");
}

TEST(writer, empty_brackets_stay_on_one_line) {
  Writer out("\t");
  out.begin_object().key("a").begin_array().end_array().key("b").begin_object().end_object();
  out.end_object();
  EXPECT_EQ(std::move(out).take(), "{\n\t\"a\": [],\n\t\"b\": {}\n}");
}

TEST(writer, single_values_stand_alone) {
  Writer out("  ");
  out.value("x");
  EXPECT_EQ(std::move(out).take(), "\"x\"");
}

TEST(writer, numbers_reach_their_limits) {
  Writer out;
  out.begin_array().value(INT64_MIN).value(INT64_MAX).value(UINT64_MAX).value(uint8_t{7});
  out.end_array();
  EXPECT_EQ(std::move(out).take(),
            "[-9223372036854775808,9223372036854775807,18446744073709551615,7]");
}

TEST(writer, lists_of_strings_are_arrays) {
  Writer out;
  out.begin_object().member("args", std::vector<std::string>{"a", "b c"});
  out.member("none", std::vector<std::string>{}).end_object();
  EXPECT_EQ(std::move(out).take(), R"({"args":["a","b c"],"none":[]})");
}

TEST(writer, raw_json_is_passed_on) {
  Writer out;
  out.begin_array().raw("{\"a\":1}").raw("2").end_array();
  EXPECT_EQ(std::move(out).take(), R"([{"a":1},2])");
}

TEST(writer, strings_are_escaped) {
  EXPECT_EQ(as_json("a\"b\\c/\b\f\n\r\t"), R"("a\"b\\c/\b\f\n\r\t")");
  EXPECT_EQ(as_json(std::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
  EXPECT_EQ(as_json("\xc3\xbc\xf0\x9f\x98\x80"), "\"\xc3\xbc\xf0\x9f\x98\x80\"");
}

TEST(writer, bytes_that_are_not_utf8_are_replaced) {
  EXPECT_EQ(as_json("a\xff\x80z"), "\"a\xef\xbf\xbd\xef\xbf\xbdz\"");
  EXPECT_EQ(as_json("\xc3"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(as_json("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(writer, every_byte_comes_back_from_the_parser) {
  std::string ascii;
  for (char c = 1; c < 127; ++c)
    ascii += c;
  const auto document = Document::parse(as_json(ascii), "a.json");
  ASSERT_TRUE(document) << document.error().message();
  EXPECT_EQ(document->root().as<std::string>().value(), ascii);
}

TEST(writer, any_two_bytes_make_valid_json) {
  for (int first = 0; first < 256; ++first) {
    Writer out;
    out.begin_array();
    for (int second = 0; second < 256; ++second) {
      const char bytes[] = {static_cast<char>(first), static_cast<char>(second)};
      out.value(std::string_view(bytes, 2));
    }
    out.end_array();
    const auto document = Document::parse(std::move(out).take(), "a.json");
    ASSERT_TRUE(document) << document.error().message();
  }
}

}  // namespace
}  // namespace wolffia::json
