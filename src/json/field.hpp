// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"

/// Typed reads of a JSON text. Every error is one sentence that starts with the field as the user
/// wrote it: "linux.uidMappings[0].size must be an integer from 0 to 4294967295".
///
///   const json::Document document = TRY(json::Document::parse(text, "config.json"));
///   const json::Object spec = TRY(document.root().as<json::Object>());
///   const std::string version = TRY(spec.get<std::string>("ociVersion"));
///   TRY(spec.read("hostname", hostname));
namespace wolffia::json {

class Field;
class Object;

/// The members of an object of strings, in the order written.
using StringMap = std::vector<std::pair<std::string, std::string>>;

/// A parsed JSON text without duplicate keys. Its fields are valid while it lives, moved or not.
class Document {
 public:
  static constexpr size_t kMaxSize = 16U << 20;

  /// Parses `text`, the whole of what messages call `name` ("config.json"). `root_path` goes in
  /// front of every field's path where the text is a part of something larger ("process").
  /// Errors: EINVAL with the line and column of the first fault, or the key that appears twice;
  /// EFBIG above kMaxSize.
  static Result<Document> parse(std::string text, std::string_view name,
                                std::string_view root_path = {});
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Field root() const;

  /// The bytes, as written, of the value that `keys` lead to from the root object; empty where
  /// there is none. Valid while the document lives.
  std::string_view raw(std::initializer_list<std::string_view> keys) const;

 private:
  friend class Field;
  struct Parsed;  // hides simdjson.h, which is slow to compile
  explicit Document(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

/// One value of a document: three words, cheap to copy. It does not carry its path; where an error
/// needs that, the document is searched for the value.
class Field {
 public:
  /// The value as a T, one of: bool, uint32_t, int64_t, uint64_t, std::string, std::string_view
  /// (valid while the document lives), Field, Object, a std::vector of Field, Object or
  /// std::string, StringMap. Numbers are never converted: 1.0, "1" and -1 are no uint32_t. Strings
  /// with a NUL character are refused, since all of them become C strings.
  template <class T>
  Result<T> as() const;

  /// The value as an integer from `min` to `max`.
  Result<int64_t> integer(int64_t min, int64_t max) const;

  bool is_null() const;

  /// The string as it is, NUL characters included; nullopt where the value is none. Valid while the
  /// document lives. For lists of which single items may be dropped.
  std::optional<std::string_view> text() const;

  /// The path as the user wrote it ("mounts[2].options"); the document's name for the root.
  std::string path() const;

  /// The error that this field breaks `rule`: "mounts[2].destination must be absolute".
  Error invalid(std::string_view rule) const;

  struct Access;  // what document.cpp and field.cpp know; hides simdjson.h

 protected:
  using Handle = std::array<uintptr_t, 2>;  // a simdjson::dom::element
  Field(const Document::Parsed* document, Handle handle) : document_(document), handle_(handle) {}

 private:
  friend class Document;
  const Document::Parsed* document_;
  Handle handle_;
};

/// A field that was seen to be an object.
class Object : public Field {
 public:
  /// The member `key`; nothing where it is absent or null.
  std::optional<Field> find(std::string_view key) const;

  /// The required member `key`. Errors: "KEY is required", or those of Field::as().
  template <class T>
  Result<T> get(std::string_view key) const;

  /// The optional member `key`: where it is absent or null, `out` keeps the default it has.
  template <class T>
  Result<void> read(std::string_view key, T& out) const;

  /// The optional array `key`, each item through `parse`, which takes a Field or an Object.
  template <class T, class Parse>
  Result<void> read_each(std::string_view key, std::vector<T>& out, Parse parse) const;

  /// get() and read() of an integer from `min` to `max`.
  Result<int64_t> get_integer(std::string_view key, int64_t min, int64_t max) const;
  template <class T>
  Result<void> read_integer(std::string_view key, T& out, int64_t min, int64_t max) const;

  /// Every member, in the order written, with null ones.
  std::vector<std::pair<std::string_view, Field>> members() const;

  using Field::invalid;
  /// The error that the member `key` breaks `rule`, whether it is there or not.
  Error invalid(std::string_view key, std::string_view rule) const;

 private:
  friend class Field;
  using Field::Field;
  explicit Object(const Field& field) : Field(field) {}
};

template <>
Result<bool> Field::as() const;
template <>
Result<uint32_t> Field::as() const;
template <>
Result<int64_t> Field::as() const;
template <>
Result<uint64_t> Field::as() const;
template <>
Result<std::string_view> Field::as() const;
template <>
Result<std::string> Field::as() const;
template <>
Result<Field> Field::as() const;
template <>
Result<Object> Field::as() const;
template <>
Result<std::vector<Field>> Field::as() const;
template <>
Result<std::vector<Object>> Field::as() const;
template <>
Result<std::vector<std::string>> Field::as() const;
template <>
Result<StringMap> Field::as() const;

namespace detail {
template <class T>
struct Unwrapped {
  using Type = T;
};
template <class T>
struct Unwrapped<std::optional<T>> {
  using Type = T;
};
}  // namespace detail

template <class T>
Result<T> Object::get(std::string_view key) const {
  const std::optional<Field> member = find(key);
  if (!member) return invalid(key, "is required");
  return member->as<T>();
}

template <class T>
Result<void> Object::read(std::string_view key, T& out) const {
  const std::optional<Field> member = find(key);
  if (member) out = TRY(member->as<typename detail::Unwrapped<T>::Type>());
  return {};
}

template <class T>
Result<void> Object::read_integer(std::string_view key, T& out, int64_t min, int64_t max) const {
  using Integer = typename detail::Unwrapped<T>::Type;
  const std::optional<Field> member = find(key);
  if (member) out = static_cast<Integer>(TRY(member->integer(min, max)));
  return {};
}

template <class T, class Parse>
Result<void> Object::read_each(std::string_view key, std::vector<T>& out, Parse parse) const {
  using Item = std::conditional_t<std::is_invocable_v<Parse, const Field&>, Field, Object>;
  std::vector<Item> items;
  TRY(read(key, items));
  out.reserve(items.size());
  for (const Item& item : items)
    out.push_back(TRY(parse(item)));
  return {};
}

}  // namespace wolffia::json
