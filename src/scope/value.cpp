// SPDX-License-Identifier: Apache-2.0
#include "scope/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/quote.hpp"

namespace wolffia::scope {
namespace {

struct TypeName {
  std::string_view name;
  char type;
};

constexpr std::array kTypes{
    TypeName{"boolean", 'b'}, TypeName{"byte", 'y'},       TypeName{"int16", 'n'},
    TypeName{"uint16", 'q'},  TypeName{"int32", 'i'},      TypeName{"uint32", 'u'},
    TypeName{"int64", 'x'},   TypeName{"uint64", 't'},     TypeName{"double", 'd'},
    TypeName{"string", 's'},  TypeName{"objectpath", 'o'}, TypeName{"signature", 'g'}};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool ends_word(char c) {
  return is_blank(c) || c == ',' || c == ']' || c == '[';
}

bool is_string(char type) {
  return type == 's' || type == 'o' || type == 'g';
}

template <class Number>
std::string number_of(std::string_view word) {
  const bool hexadecimal = word.starts_with("0x") && std::is_integral_v<Number>;
  if (hexadecimal) word.remove_prefix(2);
  Number number{};
  std::from_chars_result read{};
  if constexpr (std::is_integral_v<Number>)
    read = std::from_chars(word.data(), word.data() + word.size(), number, hexadecimal ? 16 : 10);
  else
    read = std::from_chars(word.data(), word.data() + word.size(), number);
  if (read.ec != std::errc() || read.ptr != word.data() + word.size()) return {};
  if constexpr (std::is_integral_v<Number>) return cat(+number);
  return std::string(word);
}

/// The word in decimal; empty where it is no number of that type.
std::string normal(std::string_view word, char type) {
  switch (type) {
    case 'b':
      return word == "true" || word == "false" ? std::string(word) : std::string();
    case 'y':
      return number_of<uint8_t>(word);
    case 'n':
      return number_of<int16_t>(word);
    case 'q':
      return number_of<uint16_t>(word);
    case 'i':
      return number_of<int32_t>(word);
    case 'u':
      return number_of<uint32_t>(word);
    case 'x':
      return number_of<int64_t>(word);
    case 't':
      return number_of<uint64_t>(word);
    default:
      return number_of<double>(word);
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), rest_(text) {}

  Result<Value> read() {
    Value value;
    if (take('@')) TRY(read_signature(value));
    if (take('[')) {
      value.array = true;
      TRY(read_elements(value));
    } else {
      if (value.array) return wrong("has no array where its type says so");
      TRY(read_element(value));
    }
    skip_blanks();
    if (!rest_.empty()) return wrong("goes on after its end");
    if (value.type == 0) return wrong("is an empty array: give its type, as \"@as []\"");
    return value;
  }

 private:
  Error wrong(std::string_view what) const {
    return Error::because(EINVAL, cat("the value ", quoted(text_), " ", what));
  }

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front()))
      rest_.remove_prefix(1);
  }

  bool take(char c) {
    skip_blanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take_word() {
    skip_blanks();
    const auto end = std::find_if(rest_.begin(), rest_.end(), ends_word);
    const std::string_view word = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(word.size());
    return word;
  }

  Result<void> read_signature(Value& value) {
    std::string_view word = take_word();
    if (word.starts_with('a')) {
      value.array = true;
      word.remove_prefix(1);
    }
    const auto known = [&](const TypeName& row) { return word == std::string_view(&row.type, 1); };
    if (std::none_of(kTypes.begin(), kTypes.end(), known))
      return wrong("is of a type that is not supported");
    value.type = word.front();
    return {};
  }

  Result<void> read_elements(Value& value) {
    if (take(']')) return {};
    do
      TRY(read_element(value));
    while (take(','));
    if (!take(']')) return wrong("lacks a \"]\"");
    return {};
  }

  /// The first element decides on the type of those that follow.
  Result<void> read_element(Value& value) {
    skip_blanks();
    char type = value.type;
    if (!rest_.starts_with('\'') && !rest_.starts_with('"')) {
      const std::string_view before = rest_;
      const std::string_view word = take_word();
      const auto* row = std::find_if(kTypes.begin(), kTypes.end(),
                                     [&](const TypeName& one) { return one.name == word; });
      if (row == kTypes.end())
        rest_ = before;
      else
        type = row->type;
      skip_blanks();
    }
    return rest_.starts_with('\'') || rest_.starts_with('"') ? read_string(value, type)
                                                             : read_word(value, type);
  }

  Result<void> read_word(Value& value, char type) {
    const std::string_view word = take_word();
    if (type == 0)
      type = word == "true" || word == "false"               ? 'b'
             : word.find_first_of(".e") != std::string::npos ? 'd'
                                                             : 'i';
    const std::string number = is_string(type) ? std::string() : normal(word, type);
    if (number.empty()) return wrong("is not understood: write it as 'text', 5, uint64 5 or true");
    return add(value, type, number);
  }

  Result<void> read_string(Value& value, char type) {
    const char quote = rest_.front();
    std::string text;
    for (rest_.remove_prefix(1); !rest_.starts_with(quote); rest_.remove_prefix(1)) {
      if (rest_.starts_with('\\')) rest_.remove_prefix(1);
      if (rest_.empty()) return wrong("lacks the quote at its end");
      text += rest_.front();
    }
    rest_.remove_prefix(1);
    if (type != 0 && !is_string(type)) return wrong("is a string where its type is another");
    return add(value, type == 0 ? 's' : type, std::move(text));
  }

  Result<void> add(Value& value, char type, std::string word) {
    if (value.type != 0 && value.type != type) return wrong("has elements of several types");
    value.type = type;
    value.words.push_back(std::move(word));
    return {};
  }

  std::string_view text_, rest_;
};

}  // namespace

Result<Value> parse_value(std::string_view text) {
  return Reader(text).read();
}

}  // namespace wolffia::scope
