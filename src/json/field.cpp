// SPDX-License-Identifier: Apache-2.0
#include "json/field.hpp"

#include <algorithm>
#include <limits>

#include "json/parsed.hpp"
#include "json/writer.hpp"

namespace wolffia::json {
namespace {

namespace dom = simdjson::dom;

bool is_plain_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

/// Adds `key` to a path: "linux" + "seccomp", or annotations["org.example"] where a dot in the key
/// would read as two steps.
void append_key(std::string& path, std::string_view key) {
  if (is_plain_key(key)) {
    if (!path.empty()) path += '.';
    path += key;
    return;
  }
  path += '[';
  append_quoted(path, key);
  path += ']';
}

/// Looks for `target` in and below `here`; `path` is that of `here`, and of `target` when found.
bool find_path(const Field& here, const Field& target,  // NOLINT(misc-no-recursion)
               std::string& path) {
  if (Field::Access::same(here, target)) return true;
  const dom::element element = Field::Access::element(here);
  const size_t length = path.size();
  dom::array array;
  if (element.get(array) == simdjson::SUCCESS) {
    size_t index = 0;
    for (const dom::element item : array) {
      path += cat("[", index++, "]");
      if (find_path(Field::Access::sibling(here, item), target, path)) return true;
      path.resize(length);
    }
  }
  dom::object object;
  if (element.get(object) == simdjson::SUCCESS) {
    for (const auto member : object) {
      append_key(path, member.key);
      if (find_path(Field::Access::sibling(here, member.value), target, path)) return true;
      path.resize(length);
    }
  }
  return false;
}

}  // namespace

bool Field::is_null() const {
  return Access::element(*this).is_null();
}

std::optional<std::string_view> Field::text() const {
  std::string_view text;
  if (Access::element(*this).get(text) != simdjson::SUCCESS) return {};
  return text;
}

std::string Field::Access::path(const Field& field) {
  const Document::Parsed& document = *field.document_;
  std::string path = document.root_path;
  find_path(wrap(&document, document.parser.doc.root()), field, path);
  return path;
}

std::string Field::path() const {
  std::string path = Access::path(*this);
  return path.empty() ? document_->name : path;
}

Error Field::invalid(std::string_view rule) const {
  return Error::because(EINVAL, cat(path(), " ", rule));
}

Error Field::Access::member_error(const Field& object, std::string_view key,
                                  std::string_view rule) {
  std::string path = Access::path(object);
  append_key(path, key);
  return Error::because(EINVAL, cat(path, " ", rule));
}

Result<int64_t> Field::integer(int64_t min, int64_t max) const {
  int64_t number = 0;
  if (Access::element(*this).get(number) != simdjson::SUCCESS || number < min || number > max)
    return invalid(cat("must be an integer from ", min, " to ", max));
  return number;
}

template <>
Result<bool> Field::as() const {
  bool truth = false;
  if (Access::element(*this).get(truth) != simdjson::SUCCESS)
    return invalid("must be true or false");
  return truth;
}

template <>
Result<uint32_t> Field::as() const {
  return static_cast<uint32_t>(TRY(integer(0, UINT32_MAX)));
}

template <>
Result<int64_t> Field::as() const {
  return integer(INT64_MIN, INT64_MAX);
}

template <>
Result<uint64_t> Field::as() const {
  uint64_t number = 0;
  if (Access::element(*this).get(number) != simdjson::SUCCESS)
    return invalid(cat("must be an integer from 0 to ", UINT64_MAX));
  return number;
}

template <>
Result<std::string_view> Field::as() const {
  std::string_view text;
  if (Access::element(*this).get(text) != simdjson::SUCCESS) return invalid("must be a string");
  if (text.find('\0') != std::string_view::npos) return invalid("must not contain a NUL character");
  return text;
}

template <>
Result<std::string> Field::as() const {
  return std::string(TRY(as<std::string_view>()));
}

template <>
Result<Field> Field::as() const {
  return *this;
}

template <>
Result<Object> Field::as() const {
  if (!Access::element(*this).is_object()) return invalid("must be an object");
  return Object(*this);
}

template <>
Result<std::vector<Field>> Field::as() const {
  dom::array array;
  if (Access::element(*this).get(array) != simdjson::SUCCESS) return invalid("must be an array");
  std::vector<Field> items;
  items.reserve(array.size());
  for (const dom::element item : array)
    items.push_back(Access::wrap(document_, item));
  return items;
}

template <>
Result<std::vector<Object>> Field::as() const {
  dom::array array;
  if (Access::element(*this).get(array) != simdjson::SUCCESS)
    return invalid("must be an array of objects");
  std::vector<Object> objects;
  objects.reserve(array.size());
  for (const dom::element item : array)
    objects.push_back(TRY(Access::wrap(document_, item).as<Object>()));
  return objects;
}

template <>
Result<std::vector<std::string>> Field::as() const {
  dom::array array;
  if (Access::element(*this).get(array) != simdjson::SUCCESS)
    return invalid("must be an array of strings");
  std::vector<std::string> texts;
  texts.reserve(array.size());
  for (const dom::element item : array)
    texts.emplace_back(TRY(Access::wrap(document_, item).as<std::string_view>()));
  return texts;
}

template <>
Result<StringMap> Field::as() const {
  const Object object = TRY(as<Object>());
  StringMap map;
  for (const auto& [key, value] : object.members()) {
    if (key.find('\0') != std::string_view::npos)
      return object.invalid("must not have a NUL character in a key");
    const std::string_view text = TRY(value.as<std::string_view>());
    map.emplace_back(key, text);
  }
  return map;
}

std::optional<Field> Object::find(std::string_view key) const {
  dom::element member;
  if (Access::element(*this).at_key(key).get(member) != simdjson::SUCCESS || member.is_null())
    return {};
  return Access::sibling(*this, member);
}

Result<int64_t> Object::get_integer(std::string_view key, int64_t min, int64_t max) const {
  const std::optional<Field> member = find(key);
  if (!member) return invalid(key, "is required");
  return member->integer(min, max);
}

std::vector<std::pair<std::string_view, Field>> Object::members() const {
  std::vector<std::pair<std::string_view, Field>> members;
  dom::object object;
  if (Access::element(*this).get(object) != simdjson::SUCCESS) return members;
  members.reserve(object.size());
  for (const auto member : object)
    members.emplace_back(member.key, Access::sibling(*this, member.value));
  return members;
}

Error Object::invalid(std::string_view key, std::string_view rule) const {
  return Access::member_error(*this, key, rule);
}

}  // namespace wolffia::json
