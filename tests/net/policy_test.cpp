// SPDX-License-Identifier: Apache-2.0
#include "net/policy.hpp"

#include <gtest/gtest.h>

#include "net/block_log.hpp"
#include "net/frames.hpp"

namespace wolffia::net {
namespace {

using Time = Policy::Time;

constexpr Flow kWeb{.protocol = protocol::kTcp, .port = 443};

Policy with_rule(std::string_view option, std::string_view text) {
  return Policy({parse_network_rule(option, text).value()}, true);
}

bool decides(const Policy& policy, Place place = Place::World, const Flow& flow = kWeb) {
  return policy.deciding(kSomewhere, flow, place) != nullptr;
}

DnsAnswer answer(const char* name, uint32_t seconds = 300) {
  return {.name = name, .found = {{.address = kSomewhere, .seconds = seconds}}};
}

TEST(policy, of_a_name_holds_for_what_the_name_server_said) {
  Policy policy = with_rule("--allow", "example.org:443");
  EXPECT_TRUE(policy.has_names());
  EXPECT_FALSE(decides(policy));
  EXPECT_FALSE(policy.bind(answer("example.net"), Time(0)));
  EXPECT_FALSE(policy.bind(answer("www.example.org"), Time(0)));
  EXPECT_FALSE(decides(policy));
  EXPECT_TRUE(policy.bind(answer("example.org"), Time(0)));
  EXPECT_TRUE(decides(policy));
  EXPECT_FALSE(decides(policy, Place::World, {.protocol = protocol::kTcp, .port = 80}));
}

TEST(policy, of_a_name_ends_with_its_time) {
  Policy policy = with_rule("--allow", "example.org");
  policy.bind(answer("example.org", 300), Time(0));
  policy.expire(Time(299'999));
  EXPECT_TRUE(decides(policy));
  policy.bind(answer("example.org", 0), Time(299'999));  // which makes nothing shorter
  policy.expire(Time(300'000));
  EXPECT_TRUE(decides(policy));
  policy.expire(Time(330'000));
  EXPECT_FALSE(decides(policy));
}

TEST(policy, of_what_is_below_a_name_is_not_of_the_name) {
  Policy policy = with_rule("--allow", "*.example.org");
  EXPECT_FALSE(policy.bind(answer("example.org"), Time(0)));
  EXPECT_FALSE(policy.bind(answer("badexample.org"), Time(0)));
  EXPECT_TRUE(policy.bind(answer("a.b.example.org"), Time(0)));
}

TEST(policy, of_a_name_opens_neither_the_host_nor_link_local) {
  Policy allows = with_rule("--allow", "example.org");
  Policy denies = with_rule("--deny", "example.org");
  for (Policy* policy : {&allows, &denies})
    policy->bind(answer("example.org"), Time(0));
  for (const Place place : {Place::Host, Place::LinkLocal}) {
    EXPECT_FALSE(decides(allows, place));
    EXPECT_TRUE(decides(denies, place));
  }
}

TEST(policy, keeps_so_many_addresses_and_no_more) {
  Policy policy = with_rule("--allow", "example.org");
  DnsAnswer many{.name = "example.org", .found = {}};
  for (uint32_t i = 0; i < 5000; ++i)
    many.found.push_back({.address = Ipv4{0x01000000 + i}, .seconds = 300});
  policy.bind(many, Time(0));
  EXPECT_NE(policy.deciding(Ipv4{0x01000000}, kWeb, Place::World), nullptr);
  EXPECT_EQ(policy.deciding(Ipv4{0x01000000 + 4999}, kWeb, Place::World), nullptr);
}

TEST(block_log, tells_each_thing_once_and_so_many_at_most) {
  std::vector<std::string> told;
  BlockLog log([&](std::string_view sentence) { told.emplace_back(sentence); });
  Rules rules = rules_for_tests();
  rules.policy = Policy({}, true);
  for (int i = 0; i < 2; ++i)
    log.blocked(ipv4_frame(protocol::kTcp, tcp(80)), rules);
  log.blocked(ipv6_frame(protocol::kUdp, udp(53)), rules);
  log.blocked(ipv4_frame(protocol::kIcmp, echo()), rules);
  EXPECT_EQ(told, (std::vector<std::string>{"blocked tcp to 198.51.100.1:80: --offline",
                                            "blocked udp to [2001:db8::1]:53: --offline",
                                            "blocked icmp to 198.51.100.1: --offline"}));
  for (uint16_t port = 1; port < 1000; ++port)
    log.blocked(ipv4_frame(protocol::kTcp, tcp(port)), rules);
  EXPECT_EQ(told.size(), 301U);
  EXPECT_EQ(told.back(), "of what else is blocked nothing is told");
}

}  // namespace
}  // namespace wolffia::net
