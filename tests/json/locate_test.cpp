// SPDX-License-Identifier: Apache-2.0
#include "json/locate.hpp"

#include <gtest/gtest.h>

#include "json/field.hpp"

namespace wolffia::json {
namespace {

using namespace std::string_view_literals;

struct Row {
  std::string_view text;
  std::string_view fault;
};

constexpr Row kRows[] = {
    {"", "line 1, column 1: expected a value, found the end of the text"},
    {" \n\t", "line 2, column 2: expected a value, found the end of the text"},
    {"{", "line 1, column 2: expected a key or '}', found the end of the text"},
    {"[", "line 1, column 2: expected a value or ']', found the end of the text"},
    {"[1", "line 1, column 3: expected ',' or ']', found the end of the text"},
    {"[1,]", "line 1, column 4: expected a value, found ']'"},
    {"[1 2]", "line 1, column 4: expected ',' or ']', found '2'"},
    {"[1}", "line 1, column 3: expected ',' or ']', found '}'"},
    {"{\"a\"}", "line 1, column 5: expected ':', found '}'"},
    {"{\"a\" 1}", "line 1, column 6: expected ':', found '1'"},
    {"{\"a\":}", "line 1, column 6: expected a value, found '}'"},
    {"{\"a\":1,}", "line 1, column 8: expected a key, found '}'"},
    {"{a:1}", "line 1, column 2: expected a key or '}', found 'a'"},
    {"{\"a\":1 \"b\":2}", "line 1, column 8: expected ',' or '}', found '\"'"},
    {"{\n  \"a\": 1\n  \"b\": 2\n}", "line 3, column 3: expected ',' or '}', found '\"'"},
    {"{}{}", "line 1, column 3: expected the end, found '{'"},
    {"[1] // comment", "line 1, column 5: expected the end, found '/'"},
    {"{} x", "line 1, column 4: expected the end, found 'x'"},
    {"]", "line 1, column 1: expected a value, found ']'"},
    {"nul", "line 1, column 1: expected a value, found 'n'"},
    {"nullx", "line 1, column 5: expected the end, found 'x'"},
    {"True", "line 1, column 1: expected a value, found 'T'"},
    {"'a'", "line 1, column 1: expected a value, found '''"},
    {"NaN", "line 1, column 1: expected a value, found 'N'"},
    {"[1]\0"sv, "line 1, column 4: expected the end, found the control character 0"},
    {"\xef\xbb\xbf{}", "line 1, column 1: expected a value, found a byte order mark"},
    // numbers
    {"[01]", "line 1, column 2: a number can't start with 0"},
    {"[-01]", "line 1, column 2: a number can't start with 0"},
    {"[-]", "line 1, column 3: expected a digit, found ']'"},
    {"[+1]", "line 1, column 2: expected a value or ']', found '+'"},
    {"[1.]", "line 1, column 4: expected a digit, found ']'"},
    {"[.5]", "line 1, column 2: expected a value or ']', found '.'"},
    {"[1e]", "line 1, column 4: expected a digit, found ']'"},
    {"[1e+]", "line 1, column 5: expected a digit, found ']'"},
    {"[0x10]", "line 1, column 3: expected ',' or ']', found 'x'"},
    {"[18446744073709551616]", "line 1, column 2: this number is out of range"},
    {"[0, -9223372036854775809]", "line 1, column 5: this number is out of range"},
    {"[1e999]", "line 1, column 2: this number is out of range"},
    // strings
    {"[\"abc]", "line 1, column 2: this string has no end"},
    {"[\"abc\\\"]", "line 1, column 2: this string has no end"},
    {"[\"a\nb\"]", "line 1, column 4: a string can't hold the control character 10 unescaped"},
    {"[\"a\tb\"]", "line 1, column 4: a string can't hold the control character 9 unescaped"},
    {"[\"\\x\"]", "line 1, column 3: unknown escape in a string"},
    {"[\"\\u12g4\"]", "line 1, column 3: \\u needs four hexadecimal digits"},
    {"[\"\\u-123\"]", "line 1, column 3: \\u needs four hexadecimal digits"},
    {"[\"\\u1\"]", "line 1, column 3: \\u needs four hexadecimal digits"},
    {"[\"\\ud800\"]", "line 1, column 3: half of a surrogate pair"},
    {"[\"\\ud800\\u0041\"]", "line 1, column 3: half of a surrogate pair"},
    {"[\"\\udc00\"]", "line 1, column 3: half of a surrogate pair"},
    // columns count characters, not bytes
    {"[\"\xc3\xbc\xc3\xbc\" x]", "line 1, column 7: expected ',' or ']', found 'x'"},
    {"[\xc3\xbc]", "line 1, column 2: expected a value or ']', found '\xc3\xbc'"},
    // bad UTF-8, RFC 3629
    {"[\"a\xff\"]", "line 1, column 4: this is not UTF-8"},
    {"[\"\x80\"]", "line 1, column 3: this is not UTF-8"},
    {"[\"\xc3\"]", "line 1, column 3: this is not UTF-8"},
    {"[\"\xc0\xaf\"]", "line 1, column 3: this is not UTF-8"},
    {"[\"\xe0\x80\xaf\"]", "line 1, column 3: this is not UTF-8"},
    {"[\"\xed\xa0\x80\"]", "line 1, column 3: this is not UTF-8"},
    {"[\"\xf4\x90\x80\x80\"]", "line 1, column 3: this is not UTF-8"},
    {"{\n \"a\": \"\xc3\xbc\xf0\x9f\x98\"}", "line 2, column 9: this is not UTF-8"},
    {"[\"\xf0\x9f\x98", "line 1, column 3: this is not UTF-8"},
    {"\xff", "line 1, column 1: this is not UTF-8"},
    // the first fault is the one reported
    {"[1 2, \"\xff\"]", "line 1, column 4: expected ',' or ']', found '2'"},
    {"[\"\xff\", 1 2]", "line 1, column 3: this is not UTF-8"},
};

TEST(locate, every_fault_has_its_place) {
  for (const Row& row : kRows)
    EXPECT_EQ(locate_fault(row.text), row.fault) << row.text;
}

TEST(locate, every_fault_is_one_for_the_parser_too) {
  for (const Row& row : kRows) {
    const auto document = Document::parse(std::string(row.text), "a.json");
    ASSERT_FALSE(document) << row.text;
    EXPECT_EQ(document.error().message(), cat("a.json is not valid JSON: ", row.fault));
  }
}

TEST(locate, valid_text_has_no_fault) {
  for (const char* const text :
       {"0", "-0", "\"\"", " [ ] ", "{}", "[1,2.5,-3e+7,0.0E-1]", "{\"a\":{\"b\":[null,true]}}",
        "\"\\u00fc\\ud83d\\ude00\\/\\b\\f\"", "\"\xf0\x9f\x98\x80\"", "18446744073709551615",
        "-9223372036854775808", "\"\x7f\""}) {
    EXPECT_EQ(locate_fault(text), "") << text;
    EXPECT_TRUE(Document::parse(text, "a.json")) << text;
  }
}

}  // namespace
}  // namespace wolffia::json
