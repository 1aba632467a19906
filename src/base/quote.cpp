// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"

#include <algorithm>
#include <cstdint>

#include "base/utf8.hpp"

namespace wolffia {
namespace {

constexpr std::string_view kQuotes = "\"\\";

/// The bytes that the shown character at the front of `text` takes; 0 when it is to be escaped.
size_t shown_length(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const size_t length = utf8_length(text);
  const bool control = length == 2 && first == 0xc2 && static_cast<uint8_t>(text[1]) < 0xa0;
  return control ? 0 : length;  // U+0080 to U+009F are control characters too
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<uint8_t>(c);
  switch (c) {
    case '\n':
      out += "\\n";
      break;
    case '\t':
      out += "\\t";
      break;
    case '\r':
      out += "\\r";
      break;
    default:
      out += {'\\', 'x', kHex[byte >> 4U], kHex[byte & 0xfU]};
  }
}

/// Appends `text`; a character of `behind_backslash` gets a backslash in front.
void append_printable(std::string& out, std::string_view text, std::string_view behind_backslash) {
  while (!text.empty()) {
    const size_t length = shown_length(text);
    if (length == 0) append_escaped(out, text[0]);
    if (behind_backslash.find(text[0]) != std::string_view::npos) out += '\\';
    out += text.substr(0, length);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_./:=+,@%").find(c) != std::string_view::npos;
}

/// At most `limit` bytes of `text`, and no half of a character.
std::string_view beginning(std::string_view text, size_t limit) {
  for (size_t back = 1; back < 4 && back <= limit && limit < text.size(); ++back)
    if (utf8_length(text.substr(limit - back)) > back) return text.substr(0, limit - back);
  return text.substr(0, limit);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text, {});
  return out;
}

std::string quoted(std::string_view text, size_t limit) {
  std::string out = "\"";
  append_printable(out, beginning(text, limit), kQuotes);
  out += text.size() > limit ? "...\"" : "\"";
  return out;
}

std::string quoted_if_needed(std::string_view text, size_t limit) {
  const bool plain =
      !text.empty() && text.size() <= limit && std::all_of(text.begin(), text.end(), is_plain);
  return plain ? std::string(text) : quoted(text, limit);
}

}  // namespace wolffia
