// SPDX-License-Identifier: Apache-2.0
#include "net/offload.hpp"

#include <gtest/gtest.h>

#include "net/frames.hpp"

namespace wolffia::net {
namespace {

constexpr size_t kMtu = 1500;

/// A segment that says the largest it takes: its option comes first.
Frame syn(uint16_t segment_size, uint8_t flags = tcp_header::kSyn) {
  Frame header = tcp(443, flags);
  header[tcp_header::kOffset] = 0x60;
  return header + Frame{2, 4, static_cast<uint8_t>(segment_size >> 8),
                        static_cast<uint8_t>(segment_size & 0xff)};
}

uint16_t said_by(const Frame& frame, size_t header) {
  return read16(frame, ethernet::kSize + header + tcp_header::kSize + 2);
}

/// 0 where the checksum of TCP is right: what it covers, one after the other.
uint16_t tcp_sum(const Frame& frame, bool is_ipv4) {
  const Bytes packet = Bytes(frame).subspan(ethernet::kSize);
  const size_t header = is_ipv4 ? ipv4::kSize : ipv6::kSize;
  const Bytes addresses =
      is_ipv4 ? packet.subspan(ipv4::kSource, 8) : packet.subspan(ipv6::kSource, 32);
  const Bytes segment = packet.subspan(header);
  Frame all(addresses.begin(), addresses.end());
  all = all + Frame{0,
                    0,
                    static_cast<uint8_t>(segment.size() >> 8),
                    static_cast<uint8_t>(segment.size() & 0xff),
                    0,
                    0,
                    0,
                    protocol::kTcp};
  return checksum(all + Frame(segment.begin(), segment.end()));
}

/// What the guest's kernel makes of it: the head replaced, the open checksum filled in.
Frame as_received(Frame frame) {
  const Offloaded it = offload(frame, kMtu);
  std::copy_n(it.head.begin(), it.head_size, frame.begin());
  complete_checksum(it.header, frame);
  return frame;
}

TEST(offload, of_a_segment_leaves_a_checksum_open_that_is_right_once_it_is_filled_in) {
  const Frame data(3001, 0x5a);
  EXPECT_EQ(tcp_sum(as_received(ipv4_frame(protocol::kTcp, tcp(80, 0x10) + data)), true), 0);
  EXPECT_EQ(tcp_sum(as_received(ipv6_frame(protocol::kTcp, tcp(80, 0x10) + data)), false), 0);
}

TEST(offload, of_what_is_longer_than_the_mtu_says_how_to_cut_it) {
  const Frame data(3000);
  const Offloaded four = offload(ipv4_frame(protocol::kTcp, tcp(80, 0x10) + data), kMtu);
  EXPECT_EQ(four.header.kind, OffloadHeader::kTcp4);
  EXPECT_EQ(four.header.part_size, 1460);
  EXPECT_EQ(four.header.header_size, 54);
  const Offloaded six = offload(ipv6_frame(protocol::kTcp, tcp(80, 0x10) + data), kMtu);
  EXPECT_EQ(six.header.kind, OffloadHeader::kTcp6);
  EXPECT_EQ(six.header.part_size, 1440);
}

TEST(offload, cuts_nothing_that_fits) {
  const Frame most(kMtu - ipv4::kSize - tcp_header::kSize);
  const Offloaded it = offload(ipv4_frame(protocol::kTcp, tcp(80, 0x10) + most), kMtu);
  EXPECT_EQ(it.header.kind, 0);
  EXPECT_EQ(it.header.flags, OffloadHeader::kNeedsChecksum);
}

TEST(offload, leaves_all_but_tcp_as_it_is) {
  for (const Frame& frame : {ipv4_frame(protocol::kUdp, udp(53, Frame(2000))), arp_frame(),
                             ipv4_frame(protocol::kTcp, Frame(1400), {.fragment = 0x2000}),
                             ipv4_frame(protocol::kTcp, Frame(8)), Frame(3)}) {
    const Offloaded it = offload(frame, kMtu);
    EXPECT_EQ(it.head_size, 0U);
    EXPECT_EQ(it.header.flags, 0);
  }
}

TEST(complete_checksum, does_nothing_where_the_place_is_not_in_the_frame) {
  OffloadHeader header;
  header.flags = OffloadHeader::kNeedsChecksum;
  for (const uint16_t start : std::initializer_list<uint16_t>{0, 3, 4, 0xffff}) {
    header.checksum_start = start;
    header.checksum_offset = 3;
    Frame frame{1, 2, 3, 4};
    complete_checksum(header, frame);
    EXPECT_EQ(frame, (Frame{1, 2, 3, 4})) << start;
  }
}

TEST(complete_checksum, of_a_datagram_is_never_the_one_that_says_there_is_none) {
  OffloadHeader header;
  header.flags = OffloadHeader::kNeedsChecksum;
  header.checksum_offset = 6;
  Frame datagram{0xff, 0xff, 0, 0, 0, 0, 0, 0};
  complete_checksum(header, datagram);
  EXPECT_EQ(read16(datagram, 6), 0xffff);
}

TEST(set_segment_size, replaces_what_goes_with_the_mtu) {
  for (const uint8_t flags :
       {uint8_t{tcp_header::kSyn}, static_cast<uint8_t>(tcp_header::kSyn | tcp_header::kAck)}) {
    Frame four = as_received(ipv4_frame(protocol::kTcp, syn(1460, flags)));
    set_segment_size(four, kMtu);
    EXPECT_EQ(said_by(four, ipv4::kSize), kSegment);
    EXPECT_EQ(tcp_sum(four, true), 0);
  }
  Frame six = as_received(ipv6_frame(protocol::kTcp, syn(1440)));
  set_segment_size(six, kMtu);
  EXPECT_EQ(said_by(six, ipv6::kSize), kSegment);
  EXPECT_EQ(tcp_sum(six, false), 0);
}

TEST(set_segment_size, keeps_a_smaller_one) {
  Frame frame = ipv4_frame(protocol::kTcp, syn(1360));
  set_segment_size(frame, kMtu);
  EXPECT_EQ(said_by(frame, ipv4::kSize), 1360);
}

TEST(set_segment_size, reads_options_to_their_end_and_not_beyond) {
  const Frame before = ipv4_frame(protocol::kTcp, syn(1460));
  const size_t options = ethernet::kSize + ipv4::kSize + tcp_header::kSize;
  for (const Frame& bad : {Frame{0, 4, 5, 180}, Frame{1, 2, 4, 5}, Frame{2, 40, 5, 180},
                           Frame{2, 0, 5, 180}, Frame{1, 1, 1, 2}, Frame{3, 4, 5, 180}}) {
    Frame frame = before;
    std::copy(bad.begin(), bad.end(), frame.begin() + static_cast<ptrdiff_t>(options));
    Frame same = frame;
    set_segment_size(frame, kMtu);
    EXPECT_EQ(frame, same);
  }
}

TEST(set_segment_size, is_only_for_what_begins_a_connection) {
  Frame frame = ipv4_frame(protocol::kTcp, syn(1460, tcp_header::kAck));
  set_segment_size(frame, kMtu);
  EXPECT_EQ(said_by(frame, ipv4::kSize), 1460);
}

}  // namespace
}  // namespace wolffia::net
