// SPDX-License-Identifier: Apache-2.0
#include "base/network_rule.hpp"

#include <gtest/gtest.h>

namespace wolffia {
namespace {

using Kind = NetworkRule::Kind;
using Protocol = NetworkRule::Protocol;

std::string refusal(std::string_view text) {
  const auto rule = parse_network_rule("--deny", text);
  return rule ? "" : rule.error().message();
}

TEST(network_rule, is_an_address_or_a_network) {
  struct Case {
    const char* text;
    Kind kind;
    unsigned prefix;
    uint8_t first;
  };
  for (const Case& it :
       {Case{"10.0.0.0/8", Kind::Ipv4, 8, 10}, Case{"192.0.2.7", Kind::Ipv4, 32, 192},
        Case{"0.0.0.0/0", Kind::Ipv4, 0, 0}, Case{"2001:db8::/32", Kind::Ipv6, 32, 0x20},
        Case{"[fd00::1]", Kind::Ipv6, 128, 0xfd}, Case{"*", Kind::Every, 0, 0}}) {
    const auto rule = parse_network_rule("--allow", it.text);
    ASSERT_TRUE(rule) << it.text << rule.error().message();
    EXPECT_TRUE(rule->allows);
    EXPECT_EQ(rule->kind, it.kind) << it.text;
    EXPECT_EQ(rule->prefix, it.prefix) << it.text;
    EXPECT_EQ(rule->network[0], it.first) << it.text;
    EXPECT_EQ(rule->first_port, 0) << it.text;
  }
}

TEST(network_rule, is_a_name_or_those_below_one) {
  const auto one = parse_network_rule("--allow", "Deb.Debian.org:80");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->name, "deb.debian.org");
  EXPECT_FALSE(one->subdomains);
  const auto below = parse_network_rule("--deny", "*.example.org");
  ASSERT_TRUE(below);
  EXPECT_EQ(below->name, "example.org");
  EXPECT_TRUE(below->subdomains && !below->allows);
}

TEST(network_rule, may_have_ports_and_a_protocol) {
  struct Case {
    const char* text;
    uint16_t first;
    uint16_t last;
    Protocol protocol;
  };
  for (const Case& it : {Case{"10.0.0.0/8:443", 443, 443, Protocol::Any},
                         Case{"10.0.0.0/8/udp", 0, 0, Protocol::Udp},
                         Case{"[2001:db8::/32]:8000-8010/tcp", 8000, 8010, Protocol::Tcp},
                         Case{"*:53/udp", 53, 53, Protocol::Udp},
                         Case{"example.org:1-65535", 1, 65535, Protocol::Any}}) {
    const auto rule = parse_network_rule("--deny", it.text);
    ASSERT_TRUE(rule) << it.text << rule.error().message();
    EXPECT_EQ(rule->first_port, it.first) << it.text;
    EXPECT_EQ(rule->last_port, it.last) << it.text;
    EXPECT_EQ(rule->protocol, it.protocol) << it.text;
  }
}

TEST(network_rule, that_is_wrong_is_named) {
  EXPECT_EQ(refusal("10.0.0"),
            "--deny 10.0.0 must be an address, a network, a name or *, and may have a port and "
            "/udp behind, as 192.0.2.0/24:443");
  EXPECT_EQ(refusal("10.1.0.0/8"),
            "--deny 10.1.0.0/8 is not the first address of its network: write that, as "
            "192.0.2.0/24");
  EXPECT_EQ(refusal("10.0.0.0/33"),
            "--deny 10.0.0.0/33 must have a number of bits from 0 to 32 behind the slash");
  EXPECT_EQ(refusal("10.0.0.0/8:0"),
            "--deny 10.0.0.0/8:0 must have a port from 1 to 65535 behind the colon, or two as "
            "8000-8010");
  EXPECT_EQ(refusal("[fd00::1:80"), "--deny \"[fd00::1:80\" has no ] behind its address");
  for (const char* text : {"", "a b", "-", "*.", "*x", "x..y", "300.1.1.1", "fd00::zz", ":80",
                           "a/8", "x:", "x:9-8", "x:70000", "[fd00::1]80", "x.", "/udp"})
    EXPECT_NE(refusal(text), "") << text;
}

}  // namespace
}  // namespace wolffia
