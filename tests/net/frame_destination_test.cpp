// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "net/frame.hpp"
#include "net/frames.hpp"

namespace wolffia::net {
namespace {

Reason towards(const char* destination, const Rules& rules = rules_for_tests(),
               const Frame& payload = tcp(80), uint8_t protocol = protocol::kTcp) {
  const bool is_ipv6 = std::string_view(destination).find(':') != std::string_view::npos;
  Frame frame = is_ipv6 ? ipv6_frame(protocol, payload, kGuest6, *parse_ipv6(destination))
                        : ipv4_frame(protocol, payload, {.destination = *parse_ipv4(destination)});
  return check_frame(frame, rules).reason;
}

Rules without_host() {
  Rules rules = rules_for_tests();
  rules.host = false;
  rules.host_owned = {.ipv4 = {*parse_ipv4("192.0.2.7"), *parse_ipv4("198.51.100.7")},
                      .ipv6 = {*parse_ipv6("2001:db8::7")}};
  return rules;
}

TEST(destination, is_the_world_or_the_gateway) {
  for (const char* address : {"198.51.100.1", "10.0.2.2", "10.0.3.1", "2001:db8::1", "fd00::2"})
    EXPECT_EQ(towards(address), Reason::Fine) << address;
}

TEST(destination, is_nothing_inside_a_machine) {
  for (const char* address : {"0.0.0.0", "127.0.0.1", "127.255.255.254", "224.0.0.1", "240.0.0.1",
                              "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
                              "::ffff:198.51.100.1", "fe80::1", "fe80::2", "ff02::1"})
    EXPECT_EQ(towards(address), Reason::Destination) << address;
}

TEST(destination, of_the_network_is_ours_or_nobodys) {
  for (const char* address :
       {"10.0.2.0", "10.0.2.1", "10.0.2.4", "10.0.2.100", "10.0.2.255", "fd00::1", "fd00::100"})
    EXPECT_EQ(towards(address), Reason::Destination) << address;
}

TEST(destination, of_the_name_server_has_one_port) {
  for (const char* address : {"10.0.2.3", "fd00::3"}) {
    EXPECT_EQ(towards(address), Reason::Blocked);
    EXPECT_EQ(towards(address, rules_for_tests(), tcp(0)), Reason::Blocked);
    EXPECT_EQ(towards(address, rules_for_tests(), tcp(53)), Reason::Fine);
    EXPECT_EQ(towards(address, rules_for_tests(), udp(53), protocol::kUdp), Reason::Fine);
    Rules rules = rules_for_tests();
    rules.dns = false;
    EXPECT_EQ(towards(address, rules, udp(53), protocol::kUdp), Reason::Blocked);
  }
}

TEST(destination, is_no_file_server_of_the_library) {
  EXPECT_EQ(towards("10.0.2.2", rules_for_tests(), udp(69), protocol::kUdp), Reason::Destination);
  EXPECT_EQ(towards("10.0.2.2", rules_for_tests(), tcp(69)), Reason::Fine);
}

TEST(destination, is_not_the_host_by_any_of_its_addresses_where_that_is_off) {
  for (const char* address : {"10.0.2.2", "fd00::2", "192.0.2.7", "198.51.100.7", "2001:db8::7"}) {
    EXPECT_EQ(towards(address), Reason::Fine) << address;
    EXPECT_EQ(towards(address, without_host()), Reason::Blocked) << address;
  }
  EXPECT_EQ(towards("192.0.2.8", without_host()), Reason::Fine);
  EXPECT_EQ(towards("10.0.2.2", without_host(), echo(), protocol::kIcmp), Reason::Fine);
  EXPECT_EQ(towards("10.0.2.3", without_host(), udp(53), protocol::kUdp), Reason::Fine);
}

TEST(destination, that_is_blocked_gets_answers_on_connections_of_its_own) {
  for (const uint8_t flags : std::initializer_list<uint8_t>{0x10, 0x12, 0x11, 0x04, 0x01, 0x00})
    EXPECT_EQ(towards("10.0.2.2", without_host(), tcp(80, flags)), Reason::Fine) << int{flags};
  for (const uint8_t flags : std::initializer_list<uint8_t>{0x02, 0x22, 0x0a, 0xc2})
    EXPECT_EQ(towards("10.0.2.2", without_host(), tcp(80, flags)), Reason::Blocked) << int{flags};
}

TEST(destination, is_link_local_where_that_is_on) {
  EXPECT_EQ(towards("169.254.169.254"), Reason::Blocked);
  Rules rules = rules_for_tests();
  rules.link_local = true;
  EXPECT_EQ(towards("169.254.169.254", rules), Reason::Fine);
}

TEST(destination, of_a_fragment_is_asked_for_too) {
  for (const char* address : {"127.0.0.1", "10.0.2.9"}) {
    Frame frame = ipv4_frame(protocol::kUdp, Frame(16),
                             {.destination = *parse_ipv4(address), .fragment = 0x2000});
    EXPECT_EQ(check_frame(frame, rules_for_tests()).reason, Reason::Destination) << address;
  }
}

}  // namespace
}  // namespace wolffia::net
