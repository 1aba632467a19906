// SPDX-License-Identifier: Apache-2.0
#include "net/refusal.hpp"

#include <gtest/gtest.h>

#include "net/frame.hpp"
#include "net/frames.hpp"

namespace wolffia::net {
namespace {

const Network kNetwork{.has_ipv6 = true};
const Frame kDatagram = {0x10, 0, 0, 9, 0, 8, 0, 0};

TEST(refusal, is_an_icmp_message_that_quotes_what_was_blocked) {
  const Frame blocked = ipv4_frame(protocol::kUdp, kDatagram);
  const Frame frame = refusal_of(blocked, kNetwork);
  const Bytes packet = Bytes(frame).subspan(ethernet::kSize);
  EXPECT_EQ(Mac::read(frame, 0), kGuestMac);
  EXPECT_EQ(packet[ipv4::kProtocol], protocol::kIcmp);
  EXPECT_EQ(read16(packet, ipv4::kTotalLength), packet.size());
  EXPECT_EQ(to_text(Ipv4::read(packet, ipv4::kSource)), "10.0.2.2");
  EXPECT_EQ(to_text(Ipv4::read(packet, ipv4::kDestination)), "10.0.2.100");
  EXPECT_EQ(checksum(packet.first(ipv4::kSize)), 0);
  const Bytes message = packet.subspan(ipv4::kSize);
  EXPECT_EQ(message[0], 3);
  EXPECT_EQ(message[1], 13);
  EXPECT_EQ(checksum(message), 0);
  EXPECT_TRUE(std::ranges::equal(message.subspan(8), Bytes(blocked).subspan(ethernet::kSize)));
}

TEST(refusal, of_ipv6_is_one_of_its_own) {
  const Frame frame = refusal_of(ipv6_frame(protocol::kUdp, kDatagram), kNetwork);
  const Bytes packet = Bytes(frame).subspan(ethernet::kSize);
  EXPECT_EQ(packet[ipv6::kNextHeader], protocol::kIcmpv6);
  EXPECT_EQ(read16(packet, ipv6::kPayloadLength), packet.size() - ipv6::kSize);
  EXPECT_EQ(to_text(Ipv6::read(packet, ipv6::kSource)), "fd00::2");
  EXPECT_EQ(Ipv6::read(packet, ipv6::kDestination), kGuest6);
  EXPECT_EQ(packet[ipv6::kSize], 1);
  EXPECT_EQ(packet[ipv6::kSize + 1], 1);
}

TEST(refusal, is_no_longer_than_every_host_takes) {
  const Frame much(20'000);
  EXPECT_EQ(refusal_of(ipv4_frame(protocol::kUdp, much), kNetwork).size(), ethernet::kSize + 576);
  EXPECT_EQ(refusal_of(ipv6_frame(protocol::kUdp, much), kNetwork).size(), ethernet::kSize + 1280);
}

TEST(refusal, is_not_sent_for_messages_and_to_many) {
  EXPECT_TRUE(refusal_of(ipv4_frame(protocol::kIcmp, {3, 1, 0, 0, 0, 0, 0, 0}), kNetwork).empty());
  EXPECT_FALSE(refusal_of(ipv4_frame(protocol::kIcmp, {8, 0, 0, 0, 0, 0, 0, 0}), kNetwork).empty());
  const Ipv4Fields group{.destination = {0xe0000001}};
  EXPECT_TRUE(refusal_of(ipv4_frame(protocol::kUdp, kDatagram, group), kNetwork).empty());
  Frame broadcast = ipv4_frame(protocol::kUdp, kDatagram);
  broadcast[0] = 0xff;
  EXPECT_TRUE(refusal_of(broadcast, kNetwork).empty());
}

TEST(refusal, says_what_is_not_reached) {
  const auto code_of = [](Unreachable why) {
    return refusal_of(ipv4_frame(protocol::kTcp, tcp(80)), kNetwork,
                      why)[ethernet::kSize + ipv4::kSize + 1];
  };
  EXPECT_EQ(code_of(Unreachable::Network), 0);
  EXPECT_EQ(code_of(Unreachable::Host), 1);
  EXPECT_EQ(code_of(Unreachable::Prohibited), 13);
}

/// Both are as the receiver's check of them has it: 0 over addresses, protocol, length and segment.
uint16_t checksum_of_segment(Bytes packet, size_t source, size_t address, size_t header) {
  Frame covered(packet.begin() + static_cast<std::ptrdiff_t>(source),
                packet.begin() + static_cast<std::ptrdiff_t>(source + 2 * address));
  const Bytes segment = packet.subspan(header);
  covered.insert(covered.end(), {0, protocol::kTcp, 0, static_cast<uint8_t>(segment.size())});
  covered.insert(covered.end(), segment.begin(), segment.end());
  return checksum(covered);
}

TEST(reset, answers_what_began_a_connection) {
  Frame asked = tcp(80);
  write32(asked, tcp_header::kSequence, 0xffffffff);
  const Frame frame = reset_of(ipv4_frame(protocol::kTcp, asked));
  const Bytes packet = Bytes(frame).subspan(ethernet::kSize);
  EXPECT_EQ(Mac::read(frame, 0), kGuestMac);
  EXPECT_EQ(Ipv4::read(packet, ipv4::kSource), kSomewhere);
  EXPECT_EQ(Ipv4::read(packet, ipv4::kDestination), kGuest);
  EXPECT_EQ(read16(packet, ipv4::kTotalLength), packet.size());
  EXPECT_EQ(checksum(packet.first(ipv4::kSize)), 0);
  const Bytes segment = packet.subspan(ipv4::kSize);
  EXPECT_EQ(read16(segment, 0), 80);
  EXPECT_EQ(read16(segment, tcp_header::kDestinationPort), 40000);
  EXPECT_EQ(read32(segment, tcp_header::kAcknowledged), 0U);
  EXPECT_EQ(segment[tcp_header::kFlags], tcp_header::kReset | tcp_header::kAck);
  EXPECT_EQ(checksum_of_segment(packet, ipv4::kSource, 4, ipv4::kSize), 0);
}

TEST(reset, of_ipv6_is_one_too) {
  const Frame frame = reset_of(ipv6_frame(protocol::kTcp, tcp(80)));
  const Bytes packet = Bytes(frame).subspan(ethernet::kSize);
  EXPECT_EQ(Ipv6::read(packet, ipv6::kSource), kSomewhere6);
  EXPECT_EQ(Ipv6::read(packet, ipv6::kDestination), kGuest6);
  EXPECT_EQ(read16(packet, ipv6::kPayloadLength), tcp_header::kSize);
  EXPECT_EQ(checksum_of_segment(packet, ipv6::kSource, 16, ipv6::kSize), 0);
}

}  // namespace
}  // namespace wolffia::net
