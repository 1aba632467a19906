// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <simdjson.h>

#include <bit>
#include <string>

#include "json/field.hpp"

/// What document.cpp and field.cpp share about simdjson. Only they include this.
namespace wolffia::json {

struct Document::Parsed {
  simdjson::dom::parser parser;  // owns what the elements refer to
  std::string text;              // padded; the parser needs it no more, raw() does
  size_t size = 0;               // of the text without the padding
  std::string name;
  std::string root_path;
};

/// A Field carries its simdjson element as opaque words, so that field.hpp does not include
/// simdjson.h. Equal words are the same value of the same document.
struct Field::Access {
  using Element = simdjson::dom::element;
  static_assert(sizeof(Element) == sizeof(Handle) && std::is_trivially_copyable_v<Element>);

  static Field wrap(const Document::Parsed* document, Element element) {
    return {document, std::bit_cast<Handle>(element)};
  }
  static Element element(const Field& field) { return std::bit_cast<Element>(field.handle_); }
  static Field sibling(const Field& field, Element element) {
    return wrap(field.document_, element);
  }
  static bool same(const Field& a, const Field& b) { return a.handle_ == b.handle_; }

  /// The path as the user wrote it; empty for the root of a document without a root path.
  static std::string path(const Field& field);

  /// The error that member `key` of `object` breaks `rule`.
  static Error member_error(const Field& object, std::string_view key, std::string_view rule);
};

}  // namespace wolffia::json
