// SPDX-License-Identifier: Apache-2.0
#include "sys/socket.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace wolffia::sys {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(packets, of_a_peer_that_went_away_are_still_received) {
  auto [ours, theirs] = packet_pair().value();
  ASSERT_TRUE(send_packet(theirs, bytes_of("last words")));
  ASSERT_TRUE(send_packet(ours, bytes_of("never read")));  // so that closing is a reset
  theirs.reset();
  std::array<std::byte, 64> buffer{};
  const auto words = receive_packet(ours, buffer);
  ASSERT_TRUE(words);
  EXPECT_EQ(words->size, std::string_view("last words").size());
  const auto end = receive_packet(ours, buffer);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->size, 0U);
}

}  // namespace
}  // namespace wolffia::sys
