// SPDX-License-Identifier: Apache-2.0
#include "net/dns_stream.hpp"

#include <gtest/gtest.h>

#include "net/frames.hpp"

namespace wolffia::net {
namespace {

struct Told {
  DnsStreams streams;
  std::vector<std::string> messages;

  void read(const Frame& frame) {
    const Network network;
    streams.read(frame, network, [&](Bytes it) { messages.emplace_back(it.begin(), it.end()); });
  }
};

/// A segment of the name server with this text from this place of its stream on.
Frame segment(uint32_t sequence, const std::string& text, uint8_t flags = tcp_header::kAck,
              Ipv4 source = kNameserver, uint16_t from = 53) {
  Frame payload = tcp(40000, flags);
  write16(payload, 0, from);
  write32(payload, tcp_header::kSequence, sequence);
  payload.insert(payload.end(), text.begin(), text.end());
  return ipv4_frame(protocol::kTcp, payload, {.source = source, .destination = kGuest});
}

Frame beginning(uint32_t sequence) {
  return segment(sequence, "", tcp_header::kSyn | tcp_header::kAck);
}

std::string message(const std::string& text) {
  return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xff)} +
         text;
}

using Messages = std::vector<std::string>;

TEST(dns_streams, give_messages_however_they_are_cut) {
  const std::string text = message("one") + message("") + message(std::string(300, 'x'));
  for (const size_t step : {size_t{1}, size_t{2}, size_t{7}, text.size()}) {
    Told told;
    told.read(beginning(0xffffff00));  // it wraps around
    for (size_t at = 0; at < text.size(); at += step)
      told.read(segment(0xffffff01 + static_cast<uint32_t>(at), text.substr(at, step)));
    EXPECT_EQ(told.messages, (Messages{"one", "", std::string(300, 'x')})) << step;
  }
}

TEST(dns_streams, tell_nothing_twice) {
  Told told;
  told.read(beginning(9));
  told.read(segment(10, message("one")));
  told.read(segment(10, message("one") + message("two")));
  told.read(segment(10, message("one")));
  EXPECT_EQ(told.messages, (Messages{"one", "two"}));
}

TEST(dns_streams, end_with_a_gap_and_with_the_connection) {
  Told told;
  told.read(beginning(9));
  told.read(segment(11, message("one")));
  told.read(segment(10, message("one")));
  EXPECT_EQ(told.messages, Messages());
  told.read(beginning(9));
  told.read(segment(10, message("one"), tcp_header::kAck | tcp_header::kFin));
  EXPECT_EQ(told.messages, Messages{"one"});
  EXPECT_EQ(told.streams.size(), 0U);
}

TEST(dns_streams, are_the_name_servers_alone) {
  Told told;
  told.read(segment(9, "", tcp_header::kSyn, kSomewhere));
  told.read(segment(9, "", tcp_header::kSyn, kNameserver, 54));
  told.read(segment(10, message("one")));  // whose beginning nobody has seen
  const Frame frame = segment(9, "text", tcp_header::kSyn);
  for (size_t size = 0; size < frame.size(); ++size)
    told.read(Frame(frame.begin(), frame.begin() + static_cast<ptrdiff_t>(size)));
  EXPECT_EQ(told.streams.size(), 0U);
  EXPECT_EQ(told.messages, Messages());
}

TEST(dns_streams, are_bounded) {
  Told told;
  for (uint16_t port = 1; port <= 1000; ++port) {
    Frame frame = beginning(9);
    write16(frame, ethernet::kSize + ipv4::kSize + tcp_header::kDestinationPort, port);
    told.read(frame);
  }
  EXPECT_EQ(told.streams.size(), 64U);
}

}  // namespace
}  // namespace wolffia::net
