// SPDX-License-Identifier: Apache-2.0
#include "net/unanswered.hpp"

#include <gtest/gtest.h>

#include "net/frames.hpp"

namespace wolffia::net {
namespace {

constexpr uint8_t kSyn = tcp_header::kSyn;
constexpr uint8_t kAnswer = tcp_header::kSyn | tcp_header::kAck;

Frame segment(uint16_t from, uint16_t to, uint8_t flags) {
  Frame out = tcp(to, flags);
  write16(out, 0, from);
  return out;
}

Frame syn(uint16_t guest_port, uint16_t peer_port = 443) {
  return ipv4_frame(protocol::kTcp, segment(guest_port, peer_port, kSyn));
}

Frame answer(uint16_t guest_port, uint16_t peer_port = 443, uint8_t flags = kAnswer) {
  return ipv4_frame(protocol::kTcp, segment(peer_port, guest_port, flags),
                    {.source = kSomewhere, .destination = kGuest});
}

TEST(unanswered, gives_what_an_answer_is_for_once) {
  Unanswered unanswered;
  unanswered.keep(syn(40000));
  unanswered.keep(syn(40001));
  EXPECT_EQ(unanswered.take(answer(40000)), syn(40000));
  EXPECT_FALSE(unanswered.take(answer(40000)));
  EXPECT_EQ(unanswered.take(answer(40001)), syn(40001));
}

TEST(unanswered, knows_connections_by_both_ends) {
  Unanswered unanswered;
  unanswered.keep(syn(40000));
  EXPECT_FALSE(unanswered.take(answer(40000, 444)));
  EXPECT_FALSE(unanswered.take(answer(40256)));  // the same place
  EXPECT_TRUE(unanswered.take(answer(40000)));
}

TEST(unanswered, is_of_ipv6_too) {
  Unanswered unanswered;
  const Frame begun = ipv6_frame(protocol::kTcp, segment(40000, 443, kSyn));
  unanswered.keep(begun);
  EXPECT_EQ(unanswered.take(
                ipv6_frame(protocol::kTcp, segment(443, 40000, kAnswer), kSomewhere6, kGuest6)),
            begun);
}

TEST(unanswered, is_not_what_anything_else_answers) {
  Unanswered unanswered;
  EXPECT_FALSE(unanswered.take(answer(40000)));
  unanswered.keep(syn(40000));
  for (const int flags : {0x10, 0x14, 0x02, 0x11})
    EXPECT_FALSE(unanswered.take(answer(40000, 443, static_cast<uint8_t>(flags))));
  EXPECT_FALSE(unanswered.take({}));
  EXPECT_TRUE(unanswered.take(answer(40000)));
}

TEST(unanswered, keeps_nothing_but_what_begins_a_connection) {
  Unanswered unanswered;
  unanswered.keep(ipv4_frame(protocol::kTcp, segment(40000, 443, kAnswer)));
  unanswered.keep(ipv4_frame(protocol::kTcp, segment(40000, 443, kSyn) + Frame(200)));
  unanswered.keep(arp_frame());
  EXPECT_FALSE(unanswered.take(answer(40000)));
}

TEST(unanswered, keeps_the_later_of_two_in_one_place) {
  Unanswered unanswered;
  unanswered.keep(syn(40000));
  unanswered.keep(syn(40256));
  EXPECT_FALSE(unanswered.take(answer(40000)));
  EXPECT_TRUE(unanswered.take(answer(40256)));
}

TEST(unanswered, is_forgotten_where_an_answer_may_wait) {
  Unanswered unanswered;
  unanswered.keep(syn(40000));
  EXPECT_FALSE(unanswered.take(arp_frame(2)));  // an answer is no question
  EXPECT_TRUE(unanswered.take(answer(40000)));
  unanswered.keep(syn(40000));
  EXPECT_FALSE(unanswered.take(arp_frame()));
  EXPECT_FALSE(unanswered.take(answer(40000)));
  unanswered.keep(syn(40000));
  EXPECT_FALSE(unanswered.take(ipv6_frame(protocol::kIcmpv6, {135, 0, 0, 0, 0, 0, 0, 0})));
  EXPECT_FALSE(unanswered.take(answer(40000)));
}

}  // namespace
}  // namespace wolffia::net
