// SPDX-License-Identifier: Apache-2.0
#include "net/syn.hpp"

#include <gtest/gtest.h>

#include "net/frames.hpp"

namespace wolffia::net {
namespace {

TEST(syn, says_who_begins_a_connection_and_to_whom) {
  Frame segment = tcp(443);
  write32(segment, tcp_header::kSequence, 77);
  const auto syn = read_syn(ipv4_frame(protocol::kTcp, segment));
  ASSERT_TRUE(syn);
  EXPECT_EQ(syn->guest, Address(kGuest));
  EXPECT_EQ(syn->peer, Address(kSomewhere));
  EXPECT_EQ(syn->guest_port, 40000);
  EXPECT_EQ(syn->peer_port, 443);
  EXPECT_EQ(syn->sequence, 77U);
  EXPECT_FALSE(syn->was_forwarded);
}

TEST(syn, of_ipv6_is_one_too) {
  const auto syn = read_syn(ipv6_frame(protocol::kTcp, tcp(443)));
  ASSERT_TRUE(syn);
  EXPECT_EQ(syn->guest, Address(kGuest6));
  EXPECT_EQ(syn->peer, Address(kSomewhere6));
}

TEST(syn, is_nothing_but_the_first_segment) {
  for (const int flags : {0x10, 0x12, 0x04, 0x14, 0x01, 0x03, 0x06, 0x18, 0x00})
    EXPECT_FALSE(read_syn(ipv4_frame(protocol::kTcp, tcp(443, static_cast<uint8_t>(flags)))));
  EXPECT_TRUE(read_syn(ipv4_frame(protocol::kTcp, tcp(443, 0xc2))));  // RFC 3168, 6.1.1
  EXPECT_FALSE(read_syn(ipv4_frame(protocol::kUdp, udp(443, Frame(20, 2)))));
  EXPECT_FALSE(read_syn(arp_frame()));
}

TEST(syn, that_another_namespace_sent_is_seen_by_its_hops) {
  Frame frame = ipv4_frame(protocol::kTcp, tcp(443));
  frame[ethernet::kSize + ipv4::kTtl] = 63;
  EXPECT_TRUE(read_syn(frame)->was_forwarded);
  Frame frame6 = ipv6_frame(protocol::kTcp, tcp(443));
  frame6[ethernet::kSize + ipv6::kHopLimit] = 63;
  EXPECT_TRUE(read_syn(frame6)->was_forwarded);
}

TEST(syn, has_ends_that_are_one_connections_alone) {
  const auto first = read_syn(ipv4_frame(protocol::kTcp, tcp(443)));
  EXPECT_EQ(first->ends(), read_syn(ipv4_frame(protocol::kTcp, tcp(443)))->ends());
  EXPECT_NE(first->ends(), read_syn(ipv4_frame(protocol::kTcp, tcp(444)))->ends());
  EXPECT_NE(first->ends(),
            read_syn(ipv4_frame(protocol::kTcp, tcp(443), {.destination = kGateway}))->ends());
}

TEST(syn, is_not_looked_for_beyond_the_frame) {
  const Frame whole = ipv4_frame(protocol::kTcp, tcp(443));
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read_syn(Bytes(whole).first(size)));
}

}  // namespace
}  // namespace wolffia::net
