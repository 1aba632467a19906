// SPDX-License-Identifier: Apache-2.0
#include "net/replies.hpp"

#include <gtest/gtest.h>

#include "net/frames.hpp"

namespace wolffia::net {
namespace {

Frame datagram(Ipv4 from, uint16_t from_port, Ipv4 to, uint16_t to_port) {
  Frame payload = udp(to_port);
  write16(payload, 0, from_port);
  return ipv4_frame(protocol::kUdp, payload, {.source = from, .destination = to});
}

TEST(replies, go_to_whom_has_written_first) {
  Replies replies;
  const Frame reply = datagram(kGuest, 53, kGateway, 4000);
  EXPECT_FALSE(replies.answer(reply));
  replies.note(datagram(kGateway, 4000, kGuest, 53));
  EXPECT_TRUE(replies.answer(reply));
  EXPECT_FALSE(replies.answer(datagram(kGuest, 54, kGateway, 4000)));
  EXPECT_FALSE(replies.answer(datagram(kGuest, 53, kGateway, 4001)));
  EXPECT_FALSE(replies.answer(datagram(kGuest, 53, kSomewhere, 4000)));
}

TEST(replies, are_remembered_of_the_last_ones) {
  Replies replies;
  for (uint16_t port = 1; port <= 1000; ++port)
    replies.note(datagram(kGateway, port, kGuest, 53));
  EXPECT_FALSE(replies.answer(datagram(kGuest, 53, kGateway, 1)));
  EXPECT_TRUE(replies.answer(datagram(kGuest, 53, kGateway, 1000)));
}

TEST(replies, are_datagrams) {
  Replies replies;
  const Frame segment = ipv4_frame(protocol::kTcp, tcp(53), {.destination = kGateway});
  replies.note(segment);
  EXPECT_FALSE(replies.answer(segment));
  for (size_t size = 0; size < segment.size(); ++size)
    replies.note(Bytes(segment).first(size));
}

}  // namespace
}  // namespace wolffia::net
