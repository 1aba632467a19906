// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <charconv>
#include <string_view>

/// Small texts of fixed form, taken apart.
namespace wolffia {

/// What `separator` stands between: the words of a line, the lines of a text.
class Words {
 public:
  explicit Words(std::string_view text, char separator = ' ')
      : rest_(text), separator_(separator) {}
  /// Empty also where nothing is left.
  std::string_view next() {
    const size_t end = rest_.find(separator_);
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return word;
  }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  char separator_;
};

/// Whether the whole of `word` is a decimal number that a Number can hold, which `out` then is.
template <class Number>
bool read_number(std::string_view word, Number& out) {
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), out);
  return fault == std::errc() && end == word.data() + word.size();
}

}  // namespace wolffia
