// SPDX-License-Identifier: Apache-2.0
#include "json/writer.hpp"

#include <array>
#include <cassert>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace wolffia::json {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

/// The two-character escapes of RFC 8259, section 7: `text[i]` is written as '\' and `code[i]`.
constexpr std::string_view kEscapedText = "\"\\\b\f\n\r\t";
constexpr std::string_view kEscapedCode = "\"\\bfnrt";

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const size_t known = kEscapedText.find(c);
  if (known != std::string_view::npos) {
    out += '\\';
    out += kEscapedCode[known];
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += kHex[byte >> 4U];
  out += kHex[byte & 0xfU];
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain]))
      ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const size_t length = utf8_length(text);
    if (length > 1) {
      out += text.substr(0, length);
    } else if (length == 1) {
      append_escaped(out, text.front());
    } else {
      out += kReplacement;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void Writer::break_line() {
  if (indent_.empty()) return;
  out_ += '\n';
  for (size_t i = 0; i < open_.size(); ++i)
    out_ += indent_;
}

void Writer::separate() {
  if (std::exchange(after_key_, false)) return;
  if (!std::exchange(first_, false)) out_ += ',';
  if (!open_.empty()) break_line();
}

Writer& Writer::open(char bracket) {
  separate();
  out_ += bracket;
  open_ += bracket;
  first_ = true;
  return *this;
}

Writer& Writer::close(char bracket) {
  assert(!open_.empty() && !after_key_);
  assert((open_.back() == '{') == (bracket == '}'));
  open_.pop_back();
  if (!std::exchange(first_, false)) break_line();
  out_ += bracket;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  assert(!open_.empty() && open_.back() == '{' && !after_key_);
  separate();
  append_quoted(out_, name);
  out_ += indent_.empty() ? ":" : ": ";
  after_key_ = true;
  return *this;
}

Writer& Writer::scalar(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

Writer& Writer::integer(int64_t number) {
  return scalar(cat(number));
}

Writer& Writer::natural(uint64_t number) {
  return scalar(cat(number));
}

Writer& Writer::value(std::string_view text) {
  separate();
  append_quoted(out_, text);
  return *this;
}

Writer& Writer::value(const std::vector<std::string>& texts) {
  begin_array();
  for (const std::string& text : texts)
    value(text);
  return end_array();
}

std::string Writer::take() && {
  assert(open_.empty());
  return std::move(out_);
}

}  // namespace wolffia::json
