// SPDX-License-Identifier: Apache-2.0
#include "net/bytes.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace wolffia::net {
namespace {

uint16_t folded(uint64_t sum) {
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

uint16_t inverted(uint16_t value) {
  return static_cast<uint16_t>(value ^ 0xffffU);
}

}  // namespace

/// Words of any size add up to the same, in any order of their bytes: RFC 1071, section 2.
uint16_t checksum(Bytes bytes) {
  uint64_t sum = 0;  // 65,535 bytes cannot overflow it
  size_t at = 0;
  for (; at + sizeof(uint32_t) <= bytes.size(); at += sizeof(uint32_t)) {
    uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    sum += word;
  }
  std::array<uint8_t, sizeof(uint32_t)> rest{};
  std::ranges::copy(bytes.subspan(at), rest.begin());
  uint32_t last = 0;
  std::memcpy(&last, rest.data(), sizeof last);
  return inverted(ntohs(folded(sum + last)));
}

uint16_t adjusted(uint16_t sum, uint16_t before, uint16_t after) {
  return inverted(folded(uint32_t{inverted(sum)} + inverted(before) + after));
}

}  // namespace wolffia::net
