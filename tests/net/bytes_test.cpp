// SPDX-License-Identifier: Apache-2.0
#include "net/bytes.hpp"

#include <gtest/gtest.h>

#include <array>

namespace wolffia::net {
namespace {

// A UDP packet from 192.168.0.1 to 192.168.0.199, whose sum is b861.
constexpr std::array<uint8_t, 20> kHeader{0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40,
                                          0x00, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8,
                                          0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};

TEST(bytes, a_right_checksum_sums_up_to_nothing) {
  EXPECT_EQ(checksum(kHeader), 0);
}

TEST(bytes, the_checksum_of_a_header_without_one_is_its_own) {
  auto header = kHeader;
  write16(header, 10, 0);
  EXPECT_EQ(checksum(header), 0xb861);
}

TEST(bytes, an_odd_last_byte_counts_as_the_upper_one) {
  EXPECT_EQ(checksum(std::array<uint8_t, 3>{0, 0, 0x12}), 0xffff - 0x1200);
}

TEST(bytes, an_adjusted_checksum_is_that_of_the_changed_bytes) {
  for (const uint16_t value :
       std::initializer_list<uint16_t>{0x0000, 0x0001, 0x1234, 0x8000, 0xffff}) {
    auto header = kHeader;
    const uint16_t before = read16(header, 6);
    write16(header, 6, value);
    write16(header, 10, adjusted(read16(header, 10), before, value));
    EXPECT_EQ(checksum(header), 0) << value;
  }
}

}  // namespace
}  // namespace wolffia::net
