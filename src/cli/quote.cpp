// SPDX-License-Identifier: Apache-2.0
#include "cli/quote.hpp"

#include <algorithm>
#include <cstdint>

namespace wolffia::cli {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_./:=+,@%").find(c) != std::string_view::npos;
}

bool is_continuation(char c) {
  return (static_cast<uint8_t>(c) & 0xc0U) == 0x80U;
}

/// The length of the UTF-8 sequence at the front; 0 when there is none, or one that encodes a
/// control character (U+0080 to U+009F), a surrogate or more bytes than needed.
size_t utf8_length(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  const std::string_view tail = text.substr(1, length - 1);
  if (!std::all_of(tail.begin(), tail.end(), is_continuation)) return 0;
  const auto second = static_cast<uint8_t>(text[1]);
  if (lead == 0xc2 && second < 0xa0) return 0;
  if (lead == 0xe0 && second < 0xa0) return 0;
  if (lead == 0xed && second > 0x9f) return 0;
  if (lead == 0xf0 && second < 0x90) return 0;
  if (lead == 0xf4 && second > 0x8f) return 0;
  return length;
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<uint8_t>(c);
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 0xf]};
  }
}

}  // namespace

std::string quoted(std::string_view text, size_t limit) {
  std::string out = "\"";
  const std::string_view shown = text.substr(0, limit);
  for (size_t i = 0; i < shown.size();) {
    const char c = shown[i];
    if (c >= ' ' && c < '\x7f' && c != '"' && c != '\\') {
      out += c;
      ++i;
    } else if (const size_t length = utf8_length(shown.substr(i)); length > 0) {
      out += shown.substr(i, length);
      i += length;
    } else {
      append_escaped(out, c);
      ++i;
    }
  }
  out += text.size() > limit ? "...\"" : "\"";
  return out;
}

std::string quoted_if_needed(std::string_view text) {
  const bool plain =
      !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), is_plain);
  return plain ? std::string(text) : quoted(text);
}

}  // namespace wolffia::cli
