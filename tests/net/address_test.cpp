// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include <gtest/gtest.h>

namespace wolffia::net {
namespace {

TEST(address, is_written_as_it_was_read) {
  EXPECT_EQ(to_text(*parse_ipv4("10.0.2.100")), "10.0.2.100");
  EXPECT_EQ(to_text(*parse_ipv6("fd00::2")), "fd00::2");
  EXPECT_EQ(to_text(*parse_mac("52:55:0A:0:2:2")), "52:55:0a:00:02:02");
}

TEST(address, is_nothing_else) {
  for (const char* text : {"", "10.0.2", "10.0.2.256", "10.0.2.1 ", "::1"})
    EXPECT_FALSE(parse_ipv4(text)) << text;
  for (const char* text : {"", "fd00:::2", "10.0.2.1", "fe80::1%eth0"})
    EXPECT_FALSE(parse_ipv6(text)) << text;
  for (const char* text : {"", "52:55:0a:00:02", "52:55:0a:00:02:02:", "52:55:0a:00:02:02:03",
                           "52:55:0a:00:02:100", "52:55:0a:00:02:-1", "52-55-0a-00-02-02"})
    EXPECT_FALSE(parse_mac(text)) << text;
}

TEST(address, is_in_networks_by_their_leading_bits) {
  EXPECT_TRUE(parse_ipv4("10.0.2.255")->is_in({0x0a000200}, 24));
  EXPECT_FALSE(parse_ipv4("10.0.3.0")->is_in({0x0a000200}, 24));
  EXPECT_TRUE(parse_ipv4("192.0.2.1")->is_in({0}, 0));
  EXPECT_FALSE(parse_ipv4("10.0.2.1")->is_in({0x0a000200}, 32));
  EXPECT_TRUE(parse_ipv6("fd00::ffff:1")->is_in(*parse_ipv6("fd00::"), 64));
  EXPECT_FALSE(parse_ipv6("fd00:0:0:1::")->is_in(*parse_ipv6("fd00::"), 64));
  EXPECT_TRUE(parse_ipv6("febf::1")->is_in(*parse_ipv6("fe80::"), 10));
  EXPECT_FALSE(parse_ipv6("fec0::1")->is_in(*parse_ipv6("fe80::"), 10));
}

TEST(address, of_a_host_keeps_the_network_alone) {
  EXPECT_EQ(to_text(parse_ipv6("fd00:1:2:3:4::5")->host(64, 2)), "fd00:1:2:3::2");
  EXPECT_EQ(to_text(parse_ipv6("fd00:fff::")->host(28, 3)), "fd00:ff0::3");
}

}  // namespace
}  // namespace wolffia::net
