// SPDX-License-Identifier: Apache-2.0
#include "net/reassembly.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "net/frame.hpp"
#include "net/frames.hpp"

namespace wolffia::net {
namespace {

constexpr Reassembly::Time kNow{1000};

Frame counted(size_t size) {
  Frame bytes(size);
  std::iota(bytes.begin(), bytes.end(), uint8_t{1});
  return bytes;
}

Frame part_of(const Frame& payload, size_t begin, size_t end) {
  const auto at = [&](size_t place) { return payload.begin() + static_cast<ptrdiff_t>(place); };
  return {at(begin), at(end)};
}

/// The bytes from `begin` to `end` of a datagram as a fragment.
Frame fragment4(const Frame& payload, size_t begin, size_t end, uint16_t id = 1) {
  const auto place =
      static_cast<uint16_t>(begin / 8 | (end < payload.size() ? size_t{0x2000} : size_t{0}));
  return ipv4_frame(protocol::kUdp, part_of(payload, begin, end), {.id = id, .fragment = place});
}

Frame fragment6(const Frame& payload, size_t begin, size_t end) {
  const auto place = static_cast<uint16_t>(begin | (end < payload.size() ? size_t{1} : size_t{0}));
  return ipv6_fragment(protocol::kUdp, place, part_of(payload, begin, end));
}

TEST(reassembly, gives_the_datagram_whatever_the_order) {
  const Frame payload = udp(53, counted(52));
  std::vector<size_t> order{0, 1, 2, 3};
  do {
    Reassembly four;
    Reassembly six;
    std::optional<Frame> whole4;
    std::optional<Frame> whole6;
    for (const size_t i : order) {
      EXPECT_FALSE(whole4 || whole6);
      const size_t end = std::min(payload.size(), (i + 1) * 16);
      whole4 = four.add(fragment4(payload, i * 16, end), kNow);
      whole6 = six.add(fragment6(payload, i * 16, end), kNow);
    }
    ASSERT_TRUE(whole4 && whole6);
    EXPECT_EQ(*whole4, ipv4_frame(protocol::kUdp, payload));
    EXPECT_EQ(*whole6, ipv6_frame(protocol::kUdp, payload));
    EXPECT_EQ(four.bytes() + six.bytes() + four.waiting() + six.waiting(), 0U);
  } while (std::ranges::next_permutation(order).found);
}

TEST(reassembly, gives_the_largest_datagram) {
  const Frame payload = udp(53, counted(65507));
  Reassembly reassembly;
  std::optional<Frame> whole;
  for (size_t begin = 0; begin < payload.size(); begin += 1480)
    whole = reassembly.add(fragment4(payload, begin, std::min(payload.size(), begin + 1480)), kNow);
  ASSERT_TRUE(whole);
  const Checked checked = check_frame(*whole, rules_for_tests());
  EXPECT_EQ(checked.verdict, Verdict::Pass);
  EXPECT_EQ(checked.size, ethernet::kSize + 65535);
}

TEST(reassembly, tells_datagrams_apart) {
  const Frame payload = udp(53, counted(24));
  Reassembly reassembly;
  EXPECT_FALSE(reassembly.add(fragment4(payload, 0, 16, 1), kNow));
  EXPECT_FALSE(reassembly.add(fragment4(payload, 16, 32, 2), kNow));
  EXPECT_EQ(reassembly.waiting(), 2U);
  EXPECT_TRUE(reassembly.add(fragment4(payload, 16, 32, 1), kNow));
  EXPECT_TRUE(reassembly.add(fragment4(payload, 0, 16, 2), kNow));
}

TEST(reassembly, of_overlapping_fragments_gives_nothing) {
  const Frame payload = udp(53, counted(56));
  struct Case {
    size_t begin;
    size_t end;
  };
  for (const Case& it : {Case{16, 32}, Case{8, 24}, Case{24, 40}, Case{8, 40}, Case{24, 32}}) {
    Reassembly reassembly;
    EXPECT_FALSE(reassembly.add(fragment4(payload, 16, 32), kNow));
    EXPECT_FALSE(reassembly.add(fragment4(payload, it.begin, it.end), kNow));
    EXPECT_EQ(reassembly.waiting(), 0U) << it.begin << " to " << it.end;
    EXPECT_EQ(reassembly.bytes(), 0U);
  }
}

TEST(reassembly, of_fragments_behind_the_end_gives_nothing) {
  const Frame payload = udp(53, counted(56));
  for (const bool end_first : {true, false}) {
    Reassembly reassembly;
    const Frame end = fragment4(part_of(payload, 0, 32), 16, 32);
    const Frame behind = fragment4(payload, 32, 48);
    EXPECT_FALSE(reassembly.add(end_first ? end : behind, kNow));
    EXPECT_FALSE(reassembly.add(end_first ? behind : end, kNow));
    EXPECT_EQ(reassembly.waiting(), 0U);
  }
}

TEST(reassembly, has_one_end) {
  const Frame payload = udp(53, counted(56));
  Reassembly reassembly;
  EXPECT_FALSE(reassembly.add(fragment4(part_of(payload, 0, 32), 16, 32), kNow));
  EXPECT_FALSE(reassembly.add(fragment4(part_of(payload, 0, 48), 32, 48), kNow));
  EXPECT_EQ(reassembly.waiting(), 0U);
}

TEST(reassembly, forgets_what_waits_too_long) {
  const Frame payload = udp(53, counted(24));
  Reassembly reassembly({.lifetime = Reassembly::Time(10)});
  EXPECT_FALSE(reassembly.add(fragment4(payload, 0, 16), kNow));
  reassembly.expire(kNow + Reassembly::Time(9));
  EXPECT_EQ(reassembly.waiting(), 1U);
  EXPECT_FALSE(reassembly.add(fragment4(payload, 16, 32), kNow + Reassembly::Time(10)));
  EXPECT_EQ(reassembly.waiting(), 1U);  // a datagram that begins again
}

TEST(reassembly, holds_as_many_datagrams_as_it_may) {
  const Frame payload = udp(53, counted(24));
  Reassembly reassembly({.datagrams = 4});
  for (uint16_t id = 0; id < 100; ++id)
    EXPECT_FALSE(reassembly.add(fragment4(payload, 0, 16, id), kNow));
  EXPECT_EQ(reassembly.waiting(), 4U);
  EXPECT_FALSE(reassembly.add(fragment4(payload, 16, 32, 95), kNow));  // gone
  EXPECT_TRUE(reassembly.add(fragment4(payload, 16, 32, 99), kNow));
}

TEST(reassembly, holds_as_many_bytes_as_it_may) {
  const Frame payload = udp(53, counted(65000));
  const Reassembly::Limits limits{.bytes = 100'000};
  Reassembly reassembly(limits);
  for (uint16_t id = 0; id < 5; ++id)
    for (size_t begin = 64000; begin > 0; begin -= 640) {  // each a gap of its own
      EXPECT_FALSE(reassembly.add(fragment4(payload, begin, begin + 8, id), kNow));
      ASSERT_LE(reassembly.bytes(), limits.bytes);
    }
}

}  // namespace
}  // namespace wolffia::net
