// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include <array>
#include <cstdint>

namespace wolffia {
namespace {

/// The characters whose first byte lies in first..last. Only the second byte has bounds of its own.
struct Form {
  uint8_t first, last;
  uint8_t second_min, second_max;
  uint8_t length;
};

// RFC 3629, section 4, "UTF8-octets"; the ASCII row needs no second byte.
constexpr std::array kForms{
    Form{0x00, 0x7f, 0x00, 0x00, 1}, Form{0xc2, 0xdf, 0x80, 0xbf, 2},
    Form{0xe0, 0xe0, 0xa0, 0xbf, 3}, Form{0xe1, 0xec, 0x80, 0xbf, 3},
    Form{0xed, 0xed, 0x80, 0x9f, 3}, Form{0xee, 0xef, 0x80, 0xbf, 3},
    Form{0xf0, 0xf0, 0x90, 0xbf, 4}, Form{0xf1, 0xf3, 0x80, 0xbf, 4},
    Form{0xf4, 0xf4, 0x80, 0x8f, 4},
};

uint8_t byte_at(std::string_view text, size_t i) {
  return static_cast<uint8_t>(text[i]);
}

bool completes(const Form& form, std::string_view text) {
  if (text.size() < form.length) return false;
  if (form.length == 1) return true;
  const uint8_t second = byte_at(text, 1);
  if (second < form.second_min || second > form.second_max) return false;
  for (size_t i = 2; i < form.length; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) return false;
  }
  return true;
}

}  // namespace

size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const uint8_t first = byte_at(text, 0);
  for (const Form& form : kForms) {
    if (first >= form.first && first <= form.last) return completes(form, text) ? form.length : 0;
  }
  return 0;
}

}  // namespace wolffia
