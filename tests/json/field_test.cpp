// SPDX-License-Identifier: Apache-2.0
#include "json/field.hpp"

#include <gtest/gtest.h>

namespace wolffia::json {
namespace {

using Strings = std::vector<std::string>;

Document parsed(std::string text, std::string_view root_path = {}) {
  auto document = Document::parse(std::move(text), "a.json", root_path);
  EXPECT_TRUE(document) << document.error().message();
  return std::move(document).value();
}

/// The message that reading member "a" of {"a": `value`} as a T ends in; empty: it was read.
template <class T>
std::string failure(std::string_view value) {
  const Document document = parsed(cat(R"({"a": )", value, "}"));
  const auto object = document.root().as<Object>();
  const auto read = object->get<T>("a");
  return read ? std::string() : read.error().message();
}

template <class T>
T value(std::string_view text) {
  const Document document = parsed(cat(R"({"a": )", text, "}"));
  auto read = document.root().as<Object>()->get<T>("a");
  EXPECT_TRUE(read) << read.error().message();
  return std::move(read).value();
}

TEST(field, u32_is_strict) {
  EXPECT_EQ(value<uint32_t>("0"), 0U);
  EXPECT_EQ(value<uint32_t>("4294967295"), UINT32_MAX);
  for (const char* const text :
       {"-1", "4294967296", "9223372036854775808", "1.0", "1e2", "\"1\"", "true", "[]", "{}"}) {
    EXPECT_EQ(failure<uint32_t>(text), "a must be an integer from 0 to 4294967295") << text;
  }
}

TEST(field, integers_reach_their_limits) {
  EXPECT_EQ(value<int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(value<int64_t>("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(value<uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(failure<int64_t>("9223372036854775808"),
            "a must be an integer from -9223372036854775808 to 9223372036854775807");
  EXPECT_EQ(failure<uint64_t>("-1"), "a must be an integer from 0 to 18446744073709551615");
}

TEST(field, bool_takes_no_number) {
  EXPECT_TRUE(value<bool>("true"));
  EXPECT_FALSE(value<bool>("false"));
  EXPECT_EQ(failure<bool>("1"), "a must be true or false");
  EXPECT_EQ(failure<bool>("\"true\""), "a must be true or false");
}

TEST(field, string_is_decoded) {
  EXPECT_EQ(value<std::string>(R"("\u00fc\n\"\ud83d\ude00")"), "\xc3\xbc\n\"\xf0\x9f\x98\x80");
  EXPECT_EQ(failure<std::string>("5"), "a must be a string");
}

TEST(field, string_with_a_nul_is_refused) {
  EXPECT_EQ(failure<std::string>(R"("x\u0000y")"), "a must not contain a NUL character");
  EXPECT_EQ(failure<Strings>(R"(["x", "\u0000"])"), "a[1] must not contain a NUL character");
  EXPECT_EQ(failure<StringMap>(R"({"k": "\u0000"})"), "a.k must not contain a NUL character");
  EXPECT_EQ(failure<StringMap>(R"({"k\u0000": ""})"), "a must not have a NUL character in a key");
}

TEST(field, text_is_the_string_whatever_it_holds) {
  const Document document = parsed(R"(["x\u0000y", 5])");
  const auto items = document.root().as<std::vector<Field>>();
  EXPECT_EQ(items->at(0).text(), std::string_view("x\0y", 3));
  EXPECT_FALSE(items->at(1).text());
}

TEST(field, lists_name_the_item_at_fault) {
  EXPECT_EQ(value<Strings>(R"(["x", ""])"), (Strings{"x", ""}));
  EXPECT_EQ(failure<Strings>("{}"), "a must be an array of strings");
  EXPECT_EQ(failure<Strings>(R"(["x", null])"), "a[1] must be a string");
  EXPECT_EQ(failure<std::vector<Object>>("[{}, []]"), "a[1] must be an object");
  EXPECT_EQ(failure<std::vector<Object>>("5"), "a must be an array of objects");
  EXPECT_EQ(failure<std::vector<Field>>("{}"), "a must be an array");
}

TEST(field, string_map_keeps_its_order) {
  EXPECT_EQ(value<StringMap>(R"({"z": "1", "a": "2", "": "3"})"),
            (StringMap{{"z", "1"}, {"a", "2"}, {"", "3"}}));
  EXPECT_EQ(failure<StringMap>("[]"), "a must be an object");
}

TEST(field, required_member_may_not_be_null) {
  EXPECT_EQ(failure<std::string>("null"), "a is required");
}

TEST(field, optional_member_leaves_the_default) {
  const Document document = parsed(R"({"null": null, "there": 5, "text": "x"})");
  const auto object = document.root().as<Object>();
  uint32_t number = 7;
  EXPECT_TRUE(object->read("absent", number));
  EXPECT_TRUE(object->read("null", number));
  EXPECT_EQ(number, 7U);
  EXPECT_TRUE(object->read("there", number));
  EXPECT_EQ(number, 5U);
  std::optional<std::string> text;
  EXPECT_TRUE(object->read("absent", text));
  EXPECT_FALSE(text);
  EXPECT_TRUE(object->read("text", text));
  EXPECT_EQ(text, "x");
  EXPECT_EQ(object->read("there", text).error().message(), "there must be a string");
}

TEST(field, integer_keeps_to_its_bounds) {
  const Document document = parsed(R"({"n": 8})");
  const auto object = document.root().as<Object>();
  int out = 0;
  EXPECT_TRUE(object->read_integer("n", out, 0, 8));
  EXPECT_EQ(out, 8);
  EXPECT_EQ(object->read_integer("n", out, -1, 7).error().message(),
            "n must be an integer from -1 to 7");
  EXPECT_EQ(object->get_integer("m", 0, 1).error().message(), "m is required");
}

TEST(field, each_item_is_parsed_as_field_or_object) {
  const Document document = parsed(R"({"objects": [{"n": 1}, {"n": 2}], "fields": [3]})");
  const auto object = document.root().as<Object>();
  std::vector<uint32_t> numbers;
  EXPECT_TRUE(object->read_each("objects", numbers,
                                [](const Object& item) { return item.get<uint32_t>("n"); }));
  EXPECT_TRUE(
      object->read_each("fields", numbers, [](const Field& item) { return item.as<uint32_t>(); }));
  EXPECT_EQ(numbers, (std::vector<uint32_t>{1, 2, 3}));
}

TEST(field, path_is_what_the_user_wrote) {
  const Document document = parsed(R"({"a": [{"b-c": {"d.e": [[1, {"": "x"}]]}}], "f": 1})");
  const auto text = document.root()
                        .as<Object>()
                        ->get<std::vector<Object>>("a")
                        ->at(0)
                        .get<Object>("b-c")
                        ->get<std::vector<Field>>("d.e")
                        ->at(0)
                        .as<std::vector<Field>>()
                        ->at(1)
                        .as<Object>()
                        ->get<Field>("");
  EXPECT_EQ(text->path(), R"(a[0].b-c["d.e"][0][1][""])");
}

TEST(field, path_of_equal_values_is_that_of_the_one_read) {
  const Document document = parsed(R"({"a": {"x": 1}, "b": {"x": 1}})");
  EXPECT_EQ(document.root().as<Object>()->get<Object>("b")->get<Field>("x")->path(), "b.x");
}

TEST(field, path_starts_at_the_root_path) {
  const Document document = parsed(R"({"args": 1})", "process");
  EXPECT_EQ(document.root().path(), "process");
  EXPECT_EQ(document.root().as<Object>()->get<Field>("args")->path(), "process.args");
  EXPECT_EQ(document.root().as<Object>()->invalid("cwd", "is odd").message(), "process.cwd is odd");
}

TEST(field, path_that_reads_like_the_documents_name_is_a_path) {
  const Document document = parsed(R"({"a": {"json": {}}})");
  const auto inner = document.root().as<Object>()->get<Object>("a")->get<Object>("json");
  EXPECT_EQ(inner->get<bool>("b").error().message(), "a.json.b is required");
}

TEST(field, root_is_called_by_the_documents_name) {
  EXPECT_EQ(parsed("5").root().as<Object>().error().message(), "a.json must be an object");
  EXPECT_EQ(parsed("5").root().as<uint32_t>().value(), 5U);
}

}  // namespace
}  // namespace wolffia::json
