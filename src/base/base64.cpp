// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <array>
#include <cstdint>

namespace wolffia {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNone = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> values{};
  values.fill(kNone);
  for (size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  return values;
}
constexpr std::array<uint8_t, 256> kValues = make_values();

/// The last `padding` characters of a group of four are "=".
bool append_group(std::string_view group, size_t padding, std::string& bytes) {
  uint32_t bits = 0;
  for (size_t i = 0; i < 4 - padding; ++i) {
    const uint8_t value = kValues[static_cast<uint8_t>(group[i])];
    if (value == kNone) return false;
    bits |= uint32_t{value} << (18 - 6 * i);
  }
  for (size_t i = 0; i < 3 - padding; ++i)
    bytes += static_cast<char>((bits >> (16 - 8 * i)) & 0xff);
  return (bits & ((1U << (8 * padding)) - 1)) == 0;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    uint32_t bits = 0;
    for (size_t i = 0; i < group.size(); ++i)
      bits |= uint32_t{static_cast<uint8_t>(group[i])} << (16 - 8 * i);
    for (size_t i = 0; i < 4; ++i)
      text += i <= group.size() ? kAlphabet[(bits >> (18 - 6 * i)) & 0x3f] : '=';
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  size_t padding = 0;
  while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=')
    ++padding;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (size_t at = 0; at < text.size(); at += 4) {
    const bool last = at + 4 == text.size();
    if (!append_group(text.substr(at, 4), last ? padding : 0, bytes)) return {};
  }
  return bytes;
}

}  // namespace wolffia
