// SPDX-License-Identifier: Apache-2.0
#include "json/locate.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "json/limits.hpp"

namespace wolffia::json {
namespace {

struct Fault {
  size_t offset;
  std::string what;
};

/// What may stand at a place between tokens. The words are those of kExpected, in this order.
enum class Expect : uint8_t { Value, FirstItem, FirstKey, Key, Colon, NextItem, NextKey, End };

constexpr std::array<std::string_view, 8> kExpected{
    "a value", "a value or ']'", "a key or '}'", "a key",
    "':'",     "',' or ']'",     "',' or '}'",   "the end",
};

/// The character at the start of `text`, as a message shows it.
std::string describe(std::string_view text) {
  if (text.empty()) return "the end of the text";
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte < 0x20 || byte == 0x7f) return cat("the control character ", unsigned{byte});
  if (text.starts_with("\xef\xbb\xbf")) return "a byte order mark";
  return cat("'", text.substr(0, utf8_length(text)), "'");
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads a JSON text token by token, as RFC 8259 has it, until the first fault.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// How far the text was read.
  size_t reached() const { return at_; }

  std::optional<Fault> run() {
    for (Expect expect = Expect::Value;;) {
      while (at_ < text_.size() && is_space(text_[at_]))
        ++at_;
      if (at_ == text_.size() && expect == Expect::End) return {};
      if (!step(expect)) return fault_;
    }
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool fail(size_t offset, std::string what) {
    fault_ = Fault{offset, std::move(what)};
    return false;
  }
  bool fail_expected(std::string_view expected) {
    return fail(at_, cat("expected ", expected, ", found ", describe(rest())));
  }

  /// Reads one token and says what may follow it.
  bool step(Expect& expect) {
    const char c = peek();
    switch (expect) {
      case Expect::FirstItem:
        if (c == ']') return close(expect);
        return value(expect);
      case Expect::Value:
        return value(expect);
      case Expect::FirstKey:
        if (c == '}') return close(expect);
        return key(expect);
      case Expect::Key:
        return key(expect);
      case Expect::Colon:
        return c == ':' ? take(expect, Expect::Value) : unexpected(expect);
      case Expect::NextItem:
        if (c == ']') return close(expect);
        return c == ',' ? take(expect, Expect::Value) : unexpected(expect);
      case Expect::NextKey:
        if (c == '}') return close(expect);
        return c == ',' ? take(expect, Expect::Key) : unexpected(expect);
      case Expect::End:
        break;
    }
    return unexpected(expect);
  }

  bool unexpected(Expect expect) { return fail_expected(kExpected[static_cast<size_t>(expect)]); }

  bool take(Expect& expect, Expect next) {
    ++at_;
    expect = next;
    return true;
  }

  Expect after_value() const {
    if (open_.empty()) return Expect::End;
    return open_.back() == '{' ? Expect::NextKey : Expect::NextItem;
  }

  bool open(Expect& expect) {
    open_ += peek();
    return take(expect, open_.back() == '{' ? Expect::FirstKey : Expect::FirstItem);
  }

  bool close(Expect& expect) {
    open_.pop_back();
    ++at_;
    expect = after_value();
    return true;
  }

  /// Brackets nest as deep as the parser takes them: kMaxDepth, the innermost being empty.
  bool too_deep() {
    if (open_.size() < kMaxDepth) return false;
    return !fail(at_, cat("nested deeper than ", kMaxDepth, " levels"));
  }

  bool key(Expect& expect) {
    if (too_deep()) return false;
    if (peek() != '"') return unexpected(expect);
    if (!string()) return false;
    expect = Expect::Colon;
    return true;
  }

  bool value(Expect& expect) {
    if (too_deep()) return false;
    const char c = peek();
    if (c == '{' || c == '[') return open(expect);
    bool read = false;
    if (c == '"') {
      read = string();
    } else if (c == '-' || is_digit(c)) {
      read = number();
    } else {
      read = literal(expect);
    }
    if (read) expect = after_value();
    return read;
  }

  bool literal(Expect expect) {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!rest().starts_with(word)) continue;
      at_ += word.size();
      return true;
    }
    return unexpected(expect);
  }

  bool string() {
    const size_t start = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20)
        return fail(at_, cat("a string can't hold ", describe(rest()), " unescaped"));
      if (text_[at_] == '\\') {
        if (!escape()) return false;
      } else {
        ++at_;
      }
    }
    if (at_ == text_.size()) return fail(start, "this string has no end");
    ++at_;
    return true;
  }

  bool escape() {
    const size_t start = at_++;
    if (peek() == 'u') {
      at_ = start;
      return unicode_escape();
    }
    if (at_ == text_.size() || std::string_view("\"\\/bfnrt").find(text_[at_]) == text_.npos)
      return fail(start, "unknown escape in a string");
    ++at_;
    return true;
  }

  /// \uXXXX at the cursor as a number; nothing where there is none.
  std::optional<unsigned> hex_escape() {
    if (!rest().starts_with("\\u") || rest().size() < 6) return {};
    const char* const digits = rest().data() + 2;
    unsigned code = 0;
    const auto [end, error] = std::from_chars(digits, digits + 4, code, 16);
    if (error != std::errc{} || end != digits + 4) return {};
    at_ += 6;
    return code;
  }

  bool unicode_escape() {
    const size_t start = at_;
    const std::optional<unsigned> first = hex_escape();
    if (!first) return fail(start, "\\u needs four hexadecimal digits");
    if (*first < 0xd800 || *first > 0xdfff) return true;
    const std::optional<unsigned> second = *first < 0xdc00 ? hex_escape() : std::nullopt;
    if (!second || *second < 0xdc00 || *second > 0xdfff)
      return fail(start, "half of a surrogate pair");
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return fail_expected("a digit");
    while (is_digit(peek()))
      ++at_;
    return true;
  }

  bool number() {
    const size_t start = at_;
    if (peek() == '-') ++at_;
    const bool zero = peek() == '0';
    if (!digits()) return false;
    if (zero && at_ - start > (text_[start] == '-' ? 2U : 1U))
      return fail(start, "a number can't start with 0");
    bool whole = true;
    if (peek() == '.') {
      ++at_;
      whole = false;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      whole = false;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    if (!fits(text_.substr(start, at_ - start), whole))
      return fail(start, "this number is out of range");
    return true;
  }

  /// Whether a number is one the parser can hold: 64 bits, or a finite double.
  static bool fits(std::string_view number, bool whole) {
    const char* const end = number.data() + number.size();
    if (!whole) return std::isfinite(std::strtod(std::string(number).c_str(), nullptr));
    if (number.front() == '-') {
      int64_t value = 0;
      return std::from_chars(number.data(), end, value).ec == std::errc{};
    }
    uint64_t value = 0;
    return std::from_chars(number.data(), end, value).ec == std::errc{};
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string open_;  // the brackets that are open, outermost first
  Fault fault_{};
};

std::optional<Fault> find_bad_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(text.substr(at));
    if (length == 0) return Fault{at, "this is not UTF-8"};
    at += length;
  }
  return {};
}

std::string render(std::string_view text, const Fault& fault) {
  size_t line = 1;
  size_t column = 1;
  for (size_t i = 0; i < fault.offset; ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) {  // not a continuation byte
      ++column;
    }
  }
  return cat("line ", line, ", column ", column, ": ", fault.what);
}

}  // namespace

std::string locate_fault(std::string_view text) {
  const std::optional<Fault> encoding = find_bad_utf8(text);
  Scanner scanner(text);
  const std::optional<Fault> grammar = scanner.run();
  // The scanner steps over bad bytes: what it found after one is not the first fault.
  if (encoding && (!grammar || encoding->offset <= scanner.reached()))
    return render(text, *encoding);
  return grammar ? render(text, *grammar) : std::string();
}

}  // namespace wolffia::json
