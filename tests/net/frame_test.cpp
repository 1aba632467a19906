// SPDX-License-Identifier: Apache-2.0
#include "net/frame.hpp"

#include <gtest/gtest.h>

#include "net/frames.hpp"

namespace wolffia::net {
namespace {

Reason judged(Frame frame, const Rules& rules = rules_for_tests()) {
  return check_frame(frame, rules).reason;
}

/// What of the frame is passed on; 0: nothing.
size_t passed(Frame frame, const Rules& rules = rules_for_tests()) {
  const Checked checked = check_frame(frame, rules);
  return checked.verdict == Verdict::Pass ? checked.size : 0;
}

TEST(frame, of_every_kind_that_has_an_answer_passes_whole) {
  for (const Frame& frame :
       {arp_frame(), ipv4_frame(protocol::kTcp, tcp(80)), ipv4_frame(protocol::kUdp, udp(53)),
        ipv4_frame(protocol::kIcmp, echo()), ipv6_frame(protocol::kTcp, tcp(80)),
        ipv6_frame(protocol::kUdp, udp(53))})
    EXPECT_EQ(passed(frame), frame.size());
}

TEST(frame, loses_its_padding) {
  for (const Frame& frame :
       {arp_frame(), ipv4_frame(protocol::kUdp, udp(53)), ipv6_frame(protocol::kUdp, udp(53))})
    EXPECT_EQ(passed(frame + Frame(40, 0xff)), frame.size());
}

TEST(frame, cut_anywhere_is_dropped) {
  for (const Frame& frame :
       {arp_frame(), ipv4_frame(protocol::kTcp, tcp(80)), ipv4_frame(protocol::kIcmp, echo()),
        ipv6_frame(protocol::kUdp, udp(53, Frame(9)))})
    for (size_t size = 0; size < frame.size(); ++size)
      EXPECT_EQ(passed(Frame(frame.begin(), frame.begin() + static_cast<ptrdiff_t>(size))), 0U);
}

TEST(frame, of_another_sender_is_dropped) {
  Frame frame = ipv4_frame(protocol::kTcp, tcp(80));
  frame[ethernet::kSource + 5] ^= 1;
  EXPECT_EQ(judged(frame), Reason::Sender);
  frame = arp_frame();
  frame[ethernet::kSize + arp::kSenderMac] ^= 1;
  EXPECT_EQ(judged(frame), Reason::Sender);
}

TEST(frame, of_another_type_is_dropped) {
  EXPECT_EQ(judged(ethernet_frame(0x8100, Frame(64))), Reason::EtherType);  // a VLAN's tag
  EXPECT_EQ(judged(ethernet_frame(64, Frame(64))), Reason::EtherType);      // IEEE 802.3, a length
  Rules rules = rules_for_tests();
  rules.network.has_ipv6 = false;
  EXPECT_EQ(judged(ipv6_frame(protocol::kTcp, tcp(80)), rules), Reason::EtherType);
}

TEST(frame, of_arp_is_about_the_sender_itself) {
  EXPECT_EQ(judged(arp_frame(1, {0})), Reason::Fine);
  EXPECT_EQ(judged(arp_frame(2)), Reason::Fine);
  EXPECT_EQ(judged(arp_frame(3)), Reason::Arp);
  EXPECT_EQ(judged(arp_frame(1, kGateway)), Reason::Source);
  EXPECT_EQ(judged(arp_frame(1, kSomewhere)), Reason::Source);
  for (size_t i = 0; i < arp::kOperation; ++i) {
    Frame frame = arp_frame();
    frame[ethernet::kSize + i] ^= 1;
    EXPECT_EQ(judged(frame), Reason::Arp) << i;
  }
}

TEST(frame, needs_a_header_of_ipv4_without_options) {
  struct Case {
    uint8_t first;
    Reason reason;
  };
  for (const Case& it :
       {Case{0x44, Reason::Length}, Case{0x40, Reason::Length}, Case{0x46, Reason::Options},
        Case{0x4f, Reason::Options}, Case{0x65, Reason::Version}}) {
    Frame frame = ipv4_frame(protocol::kUdp, udp(53, Frame(64)));
    frame[ethernet::kSize] = it.first;
    EXPECT_EQ(judged(frame), it.reason);
  }
}

TEST(frame, needs_ipv4_lengths_that_agree) {
  for (const uint16_t length : std::initializer_list<uint16_t>{0, 19, 27, 29, 0xffff}) {
    Frame frame = ipv4_frame(protocol::kUdp, udp(53));
    write16(frame, ethernet::kSize + ipv4::kTotalLength, length);
    renew_checksum(frame);
    EXPECT_EQ(passed(frame), 0U) << length;
  }
}

TEST(frame, needs_the_right_checksum_and_hops_left) {
  Frame frame = ipv4_frame(protocol::kUdp, udp(53));
  frame[ethernet::kSize + ipv4::kChecksum] ^= 1;
  EXPECT_EQ(judged(frame), Reason::Checksum);
  frame[ethernet::kSize + ipv4::kTtl] = 0;
  EXPECT_EQ(judged(frame), Reason::HopLimit);
}

TEST(frame, comes_from_an_address_of_the_guest) {
  const auto from = [](const char* source) {
    return judged(ipv4_frame(protocol::kTcp, tcp(80), {.source = *parse_ipv4(source)}));
  };
  EXPECT_EQ(from("10.0.2.15"), Reason::Fine);
  for (const char* source : {"10.0.2.0", "10.0.2.2", "10.0.2.3", "10.0.2.255", "10.0.3.100",
                             "127.0.0.1", "192.0.2.1", "0.0.0.0", "255.255.255.255"})
    EXPECT_EQ(from(source), Reason::Source) << source;
  const auto from6 = [](const char* source) {
    return judged(ipv6_frame(protocol::kTcp, tcp(80), *parse_ipv6(source)));
  };
  EXPECT_EQ(from6("fd00::1234"), Reason::Fine);
  EXPECT_EQ(from6("fe80::1234"), Reason::Fine);
  for (const char* source : {"::", "::1", "fd00::2", "fd00::3", "fe80::2", "fe80::3", "fd01::1",
                             "2001:db8::2", "ff02::1", "::ffff:10.0.2.100"})
    EXPECT_EQ(from6(source), Reason::Source) << source;
}

TEST(frame, without_an_address_asks_for_one_where_that_is_on) {
  Frame request = udp(port::kDhcpServer, Frame(300));
  write16(request, 0, port::kDhcpClient);
  const Ipv4Fields nobody{.source = {0}, .destination = {0xffffffff}};
  Rules rules = rules_for_tests();
  EXPECT_EQ(judged(ipv4_frame(protocol::kUdp, request, nobody), rules), Reason::Source);
  rules.dhcp = true;
  EXPECT_EQ(judged(ipv4_frame(protocol::kUdp, request, nobody), rules), Reason::Fine);
  EXPECT_EQ(judged(ipv4_frame(protocol::kTcp, tcp(80), nobody), rules), Reason::Source);
  EXPECT_EQ(judged(ipv4_frame(protocol::kUdp, udp(67), nobody), rules), Reason::Destination);
  Frame little = udp(port::kDhcpServer, Frame(239));
  write16(little, 0, port::kDhcpClient);
  EXPECT_EQ(judged(ipv4_frame(protocol::kUdp, little, nobody), rules), Reason::Udp);
}

TEST(frame, of_tcp_has_its_header_inside) {
  for (const uint8_t offset : std::initializer_list<uint8_t>{0x00, 0x40, 0x60, 0xf0}) {
    Frame segment = tcp(80);
    segment[12] = offset;
    EXPECT_EQ(judged(ipv4_frame(protocol::kTcp, segment)), Reason::Tcp) << int{offset};
    EXPECT_EQ(judged(ipv6_frame(protocol::kTcp, segment)), Reason::Tcp) << int{offset};
  }
  Frame segment = tcp(80) + Frame(4);
  segment[12] = 0x60;
  EXPECT_EQ(judged(ipv4_frame(protocol::kTcp, segment)), Reason::Fine);
}

TEST(frame, of_tcp_is_never_urgent) {
  constexpr size_t kSegment = ethernet::kSize + ipv4::kSize;
  Frame urgent = ipv4_frame(protocol::kTcp, tcp(80, 0x38));
  Frame calm = ipv4_frame(protocol::kTcp, tcp(80, 0x18));
  for (Frame* frame : {&urgent, &calm})
    write16(*frame, kSegment + 16, checksum(Bytes(*frame).subspan(kSegment)));
  EXPECT_EQ(check_frame(urgent, rules_for_tests()).verdict, Verdict::Pass);
  EXPECT_EQ(urgent, calm);
}

TEST(frame, of_udp_says_the_length_that_it_has) {
  for (const uint16_t length : std::initializer_list<uint16_t>{0, 7, 8, 17, 19, 0xffff}) {
    Frame datagram = udp(53, Frame(10));
    write16(datagram, 4, length);
    EXPECT_EQ(judged(ipv4_frame(protocol::kUdp, datagram)), Reason::Udp) << length;
  }
}

TEST(frame, of_icmp_is_an_echo_request) {
  for (unsigned type = 0; type < 256; ++type) {
    Frame message = echo();
    message[0] = static_cast<uint8_t>(type);
    EXPECT_EQ(judged(ipv4_frame(protocol::kIcmp, message)), type == 8 ? Reason::Fine : Reason::Icmp)
        << type;
  }
}

TEST(frame, of_icmpv6_has_an_answer) {
  const Ipv6 all = *parse_ipv6("ff02::2");
  for (unsigned type = 0; type < 256; ++type) {
    Frame message(24);
    message[0] = static_cast<uint8_t>(type);
    if (type == 133) message[9] = 2;  // its option, which fills the rest
    const bool has_answer = type == 128 || type == 133 || type == 135 || type == 136;
    EXPECT_EQ(judged(ipv6_frame(protocol::kIcmpv6, message, kGuest6, all)),
              has_answer ? Reason::Fine : Reason::Icmp)
        << type;
  }
}

TEST(frame, of_a_neighbour_has_options_with_an_end) {
  const auto solicited = [](uint8_t length, size_t size) {
    Frame message(24 + size);
    message[0] = 135;
    if (size > 1) message[25] = length;
    return judged(ipv6_frame(protocol::kIcmpv6, message));
  };
  EXPECT_EQ(solicited(0, 0), Reason::Fine);
  EXPECT_EQ(solicited(1, 8), Reason::Fine);
  EXPECT_EQ(solicited(0, 8), Reason::Icmp);
  EXPECT_EQ(solicited(2, 8), Reason::Icmp);
  EXPECT_EQ(solicited(1, 7), Reason::Icmp);
  EXPECT_EQ(solicited(1, 9), Reason::Icmp);
}

TEST(frame, of_a_neighbour_passed_no_router) {
  Frame message(24);
  message[0] = 135;
  Frame frame = ipv6_frame(protocol::kIcmpv6, message);
  frame[ethernet::kSize + ipv6::kHopLimit] = 254;
  EXPECT_EQ(judged(frame), Reason::HopLimit);
}

TEST(frame, has_no_extension_headers_of_ipv6) {
  for (const uint8_t next : std::initializer_list<uint8_t>{0, 43, 50, 51, 59, 60, 135, 139, 140})
    EXPECT_EQ(judged(ipv6_frame(next, Frame(64))), Reason::Options) << int{next};
  EXPECT_EQ(judged(ipv6_fragment(43, 0, Frame(64))), Reason::Options);
}

TEST(frame, that_is_a_fragment_is_told_from_whole_ones) {
  for (const uint16_t place : std::initializer_list<uint16_t>{0x2000, 0x2001, 0x0001}) {
    Frame frame = ipv4_frame(protocol::kUdp, Frame(16), {.fragment = place});
    EXPECT_EQ(check_frame(frame, rules_for_tests()).verdict, Verdict::Fragment) << place;
  }
  for (const uint16_t place : std::initializer_list<uint16_t>{0x0000, 0x0001, 0x0008}) {
    Frame frame = ipv6_fragment(protocol::kUdp, place, Frame(16));
    EXPECT_EQ(check_frame(frame, rules_for_tests()).verdict, Verdict::Fragment) << place;
  }
  const Frame whole = ipv4_frame(protocol::kUdp, udp(53), {.fragment = 0x4000});  // "don't"
  EXPECT_EQ(passed(whole), whole.size());
}

TEST(frame, that_is_a_fragment_of_nothing_is_dropped) {
  EXPECT_EQ(judged(ipv4_frame(protocol::kUdp, Frame(12), {.fragment = 0x2000})), Reason::Fragment);
  EXPECT_EQ(judged(ipv4_frame(protocol::kUdp, {}, {.fragment = 0x2000})), Reason::Fragment);
  EXPECT_EQ(judged(ipv4_frame(protocol::kUdp, Frame(8), {.fragment = 0x1fff})), Reason::Fragment);
  EXPECT_EQ(judged(ipv6_fragment(protocol::kUdp, 1, Frame(12))), Reason::Fragment);
  EXPECT_EQ(judged(ipv6_fragment(protocol::kUdp, 1, {})), Reason::Fragment);
  EXPECT_EQ(judged(ipv6_fragment(protocol::kUdp, 0xfff8, Frame(8))), Reason::Fragment);
  EXPECT_EQ(judged(ipv6_fragment(protocol::kIcmpv6, 1, Frame(8, 135))), Reason::Fragment);
}

}  // namespace
}  // namespace wolffia::net
