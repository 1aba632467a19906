// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "net/frame_parts.hpp"
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

struct Said {
  bool allows;
  const char* text;
};

Rules ruled(std::initializer_list<Said> said, bool is_offline = false) {
  Rules rules = without_host();
  std::vector<NetworkRule> list;
  for (const Said& it : said)
    list.push_back(parse_network_rule(it.allows ? "--allow" : "--deny", it.text).value());
  rules.policy = Policy(std::move(list), is_offline);
  return rules;
}

TEST(destination, is_what_the_last_rule_that_fits_says) {
  const Rules rules = ruled({{false, "198.51.100.0/24"}, {true, "198.51.100.64/26:443"}});
  EXPECT_EQ(towards("203.0.113.1", rules), Reason::Fine);
  EXPECT_EQ(towards("198.51.100.1", rules), Reason::Blocked);
  EXPECT_EQ(towards("198.51.100.65", rules, tcp(443)), Reason::Fine);
  EXPECT_EQ(towards("198.51.100.65", rules, tcp(80)), Reason::Blocked);
  EXPECT_EQ(towards("198.51.100.65", rules, echo(), protocol::kIcmp), Reason::Blocked);
  const Rules other = ruled({{true, "198.51.100.64/26:443"}, {false, "198.51.100.0/24"}});
  EXPECT_EQ(towards("198.51.100.65", other, tcp(443)), Reason::Blocked);
}

TEST(destination, without_a_connection_to_begin_is_not_asked_of_the_rules) {
  EXPECT_EQ(towards("198.51.100.1", ruled({{false, "*"}}), tcp(80, 0x10)), Reason::Fine);
}

TEST(destination, offline_is_the_name_server_and_what_is_allowed) {
  const Rules rules = ruled({{true, "2001:db8:1::/48/udp"}}, true);
  for (const char* address : {"198.51.100.1", "10.0.2.2", "192.0.2.7", "2001:db8::1", "fd00::2"})
    EXPECT_EQ(towards(address, rules), Reason::Blocked) << address;
  EXPECT_EQ(towards("10.0.2.3", rules, udp(53), protocol::kUdp), Reason::Fine);
  EXPECT_EQ(towards("10.0.2.3", rules, udp(5353), protocol::kUdp), Reason::Blocked);
  EXPECT_EQ(towards("2001:db8:1::1", rules, udp(53), protocol::kUdp), Reason::Fine);
  EXPECT_EQ(towards("2001:db8:1::1", rules), Reason::Blocked);
}

TEST(destination, of_the_host_is_opened_by_its_whole_address_alone) {
  for (const char* wide : {"*", "0.0.0.0/0", "192.0.2.0/24", "192.0.2.6/31"}) {
    EXPECT_EQ(towards("192.0.2.7", ruled({{true, wide}})), Reason::Blocked) << wide;
    EXPECT_EQ(towards("10.0.2.2", ruled({{true, wide}})), Reason::Blocked) << wide;
  }
  EXPECT_EQ(towards("192.0.2.7", ruled({{true, "192.0.2.7:80"}})), Reason::Fine);
  EXPECT_EQ(towards("192.0.2.7", ruled({{true, "192.0.2.7:81"}})), Reason::Blocked);
  EXPECT_EQ(towards("10.0.2.2", ruled({{true, "10.0.2.2"}})), Reason::Fine);
  EXPECT_EQ(towards("fd00::2", ruled({{true, "[fd00::2]:80"}})), Reason::Fine);
}

TEST(destination, of_link_local_is_opened_by_a_part_of_it_alone) {
  EXPECT_EQ(towards("169.254.1.1", ruled({{true, "*"}})), Reason::Blocked);
  EXPECT_EQ(towards("169.254.1.1", ruled({{true, "169.254.1.0/24"}})), Reason::Fine);
}

TEST(destination, that_is_nowhere_is_opened_by_nothing) {
  const Rules rules = ruled({{true, "127.0.0.1"}, {true, "10.0.2.9"}, {true, "::1"}});
  for (const char* address : {"127.0.0.1", "10.0.2.9", "::1"})
    EXPECT_EQ(towards(address, rules), Reason::Destination) << address;
}

TEST(destination, that_is_blocked_has_a_reason) {
  const Flow flow{.protocol = protocol::kTcp, .port = 80};
  const auto why = [&](const char* address, const Rules& rules) {
    return why_blocked(*parse_ipv4(address), flow, rules);
  };
  EXPECT_EQ(why("198.51.100.1", ruled({{false, "198.51.100.0/24"}})), "--deny 198.51.100.0/24");
  EXPECT_EQ(why("198.51.100.1", ruled({}, true)), "--offline");
  EXPECT_EQ(why("10.0.2.2", ruled({})), "--disable-host-loopback");
  EXPECT_EQ(why("169.254.1.1", ruled({})), "no --allow-link-local");
  EXPECT_EQ(why("10.0.2.3", ruled({})), "the name server answers at port 53 alone");
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
