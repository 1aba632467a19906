// SPDX-License-Identifier: Apache-2.0
#include "net/datagram.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "net/frames.hpp"
#include "net/reassembly.hpp"

namespace wolffia::net {
namespace {

const Ends kEnds4{.guest = kGuest, .peer = kSomewhere, .guest_port = 40000, .peer_port = 53};
const Ends kEnds6{.guest = kGuest6, .peer = kSomewhere6, .guest_port = 40000, .peer_port = 53};

Frame counted(size_t size) {
  Frame bytes(size);
  std::iota(bytes.begin(), bytes.end(), uint8_t{1});
  return bytes;
}

std::vector<Frame> frames_of(const Ends& ends, const Frame& data, size_t mtu) {
  Frame room(kDatagramHeaders + data.size());
  std::ranges::copy(data, room.begin() + kDatagramHeaders);
  std::vector<Frame> out;
  send_datagram(ends, {.from = Mac(), .to = kGuestMac, .mtu = mtu, .id = 7}, room, data.size(),
                [&](Bytes frame) { out.emplace_back(frame.begin(), frame.end()); });
  return out;
}

/// Whether the checksum is right, with the addresses that it covers.
bool is_sound(Bytes frame, bool is_ipv4) {
  const Bytes packet = frame.subspan(ethernet::kSize);
  const size_t address = is_ipv4 ? 4 : 16;
  const Bytes addresses = packet.subspan(is_ipv4 ? ipv4::kSource : ipv6::kSource, 2 * address);
  const Bytes payload = packet.subspan(is_ipv4 ? ipv4::kSize : ipv6::kSize);
  Frame covered(addresses.begin(), addresses.end());
  covered.resize(covered.size() + 8);
  write32(covered, covered.size() - 8, static_cast<uint32_t>(payload.size()));
  covered.back() = protocol::kUdp;
  covered.insert(covered.end(), payload.begin(), payload.end());
  return checksum(covered) == 0 && (!is_ipv4 || checksum(packet.first(ipv4::kSize)) == 0);
}

TEST(datagram, is_read_from_a_frame) {
  const Frame frame = ipv4_frame(protocol::kUdp, udp(53, counted(9)));
  const auto datagram = read_datagram(frame);
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram->ends.key(), kEnds4.key());
  EXPECT_TRUE(std::ranges::equal(datagram->data, counted(9)));
  const Frame six = ipv6_frame(protocol::kUdp, udp(53));
  ASSERT_TRUE(read_datagram(six));
  EXPECT_EQ(read_datagram(six)->ends.key(), kEnds6.key());
}

TEST(datagram, is_nothing_else) {
  EXPECT_FALSE(read_datagram(ipv4_frame(protocol::kTcp, tcp(53))));
  EXPECT_FALSE(read_datagram(ipv4_frame(protocol::kUdp, udp(53), {.fragment = 1})));
  EXPECT_FALSE(read_datagram(arp_frame()));
  for (const Frame& frame :
       {ipv4_frame(protocol::kUdp, udp(53)), ipv6_frame(protocol::kUdp, udp(53))})
    for (size_t size = 0; size < frame.size(); ++size)
      EXPECT_FALSE(read_datagram(Bytes(frame).first(size)));
}

TEST(datagram, is_written_with_checksums) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{2}, size_t{1471}, size_t{1472}}) {
    const auto four = frames_of(kEnds4, counted(size), 1500);
    ASSERT_EQ(four.size(), 1U);
    EXPECT_TRUE(is_sound(four[0], true)) << size;
    const auto six = frames_of(kEnds6, counted(size), 1520);
    ASSERT_EQ(six.size(), 1U);
    EXPECT_TRUE(is_sound(six[0], false)) << size;
  }
}

TEST(datagram, is_cut_where_there_is_no_room) {
  for (const Ends& ends : {kEnds4, kEnds6})
    for (const size_t size : {size_t{1473}, size_t{4000}, size_t{65507}})
      for (const size_t mtu : {size_t{576}, size_t{1500}, size_t{65520}}) {
        const auto frames = frames_of(ends, counted(size), mtu);
        EXPECT_EQ(frames.size() > 1, size + (ends.is_ipv4() ? 28 : 48) > mtu);
        Reassembly reassembly;
        std::optional<Frame> whole;
        for (const Frame& frame : frames) {
          EXPECT_LE(frame.size(), mtu + ethernet::kSize);
          whole = frames.size() > 1 ? reassembly.add(frame, Reassembly::Time(0)) : frame;
        }
        ASSERT_TRUE(whole) << size << " " << mtu;
        EXPECT_TRUE(is_sound(*whole, ends.is_ipv4()));
        EXPECT_TRUE(std::ranges::equal(Bytes(*whole).last(size), counted(size)));
      }
}

TEST(datagram, has_an_example_the_other_way_round) {
  const Frame example = example_of(kEnds4, {.from = Mac(), .to = kGuestMac});
  const auto datagram = read_datagram(example);
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram->ends.key(), kEnds4.key());
  EXPECT_EQ(Mac::read(example, ethernet::kSource), kGuestMac);
}

}  // namespace
}  // namespace wolffia::net
