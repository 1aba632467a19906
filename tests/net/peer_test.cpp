// SPDX-License-Identifier: Apache-2.0
#include "net/peer.hpp"

#include <gtest/gtest.h>

#include "net/socket_name.hpp"

namespace wolffia::net {
namespace {

/// What the guest sees of a peer.
std::string seen(const std::string& peer) {
  const Network network{.has_ipv6 = true};
  if (const auto ipv4 = parse_ipv4(peer)) return to_text(address_for_guest(*ipv4, network));
  return to_text(address_for_guest(parse_ipv6(peer).value(), network));
}

TEST(peer, keeps_its_own_address) {
  for (const char* address : {"192.0.2.7", "10.0.3.1", "169.254.1.1", "2001:db8::7", "fd01::2"})
    EXPECT_EQ(seen(address), address);
}

TEST(peer, on_the_hosts_loopback_is_the_gateway) {
  for (const char* address : {"127.0.0.1", "127.255.255.254", "0.0.0.0"})
    EXPECT_EQ(seen(address), "10.0.2.2") << address;
  for (const char* address : {"::1", "::", "::ffff:127.0.0.1"})
    EXPECT_EQ(seen(address), "fd00::2") << address;
}

TEST(peer, with_an_address_of_the_guests_network_is_the_gateway) {
  for (const char* address : {"10.0.2.100", "10.0.2.3", "10.0.2.255"})
    EXPECT_EQ(seen(address), "10.0.2.2") << address;
  EXPECT_EQ(seen("fd00::64"), "fd00::2");
}

TEST(peer, whose_address_means_nothing_elsewhere_is_the_gateway) {
  EXPECT_EQ(seen("224.0.0.1"), "10.0.2.2");
  EXPECT_EQ(seen("255.255.255.255"), "10.0.2.2");
  EXPECT_EQ(seen("fe80::1"), "fd00::2");
  EXPECT_EQ(seen("ff02::1"), "fd00::2");
}

TEST(socket_name, holds_either_kind_of_address) {
  const Address ipv4 = parse_ipv4("192.0.2.7").value();
  const Address ipv6 = parse_ipv6("2001:db8::7").value();
  EXPECT_EQ(to_address(to_name(ipv4, 80)), ipv4);
  EXPECT_EQ(to_address(to_name(ipv6, 80)), ipv6);
  EXPECT_EQ(to_text(to_address(to_mapped_name(ipv4, 80))), "::ffff:192.0.2.7");
  EXPECT_EQ(to_address(to_mapped_name(ipv6, 80)), ipv6);
}

}  // namespace
}  // namespace wolffia::net
