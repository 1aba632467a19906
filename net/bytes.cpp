// SPDX-License-Identifier: Apache-2.0
#include "net/bytes.hpp"

namespace wolffia::net {
namespace {

uint16_t folded(uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>((sum & 0xffff) + (sum >> 16));
}

uint16_t inverted(uint16_t value) {
  return static_cast<uint16_t>(value ^ 0xffffU);
}

}  // namespace

uint16_t checksum(Bytes bytes) {
  uint32_t sum = 0;  // 65,535 bytes cannot overflow it
  for (size_t i = 0; i + 1 < bytes.size(); i += 2)
    sum += read16(bytes, i);
  if (bytes.size() % 2 == 1) sum += static_cast<uint32_t>(bytes.back()) << 8;
  return inverted(folded(sum));
}

uint16_t adjusted(uint16_t sum, uint16_t before, uint16_t after) {
  return inverted(folded(uint32_t{inverted(sum)} + inverted(before) + after));
}

}  // namespace wolffia::net
