// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "net/frame_parts.hpp"
#include "net/headers.hpp"

namespace wolffia::net {
namespace {

struct Block4 {
  Ipv4 network;
  unsigned prefix;
};

/// Nothing outside a machine has them. Source: IANA, "IPv4 Special-Purpose Address Registry".
constexpr std::array kNowhere4{
    Block4{.network = {0x00000000}, .prefix = 8},  // "this network"
    Block4{.network = {0x7f000000}, .prefix = 8},  // loopback: the library would connect to ours
    Block4{.network = {0xe0000000}, .prefix = 3},  // multicast, reserved, broadcast
};
constexpr Block4 kLinkLocal4{.network = {0xa9fe0000}, .prefix = 16};  // RFC 3927

struct Block6 {
  Ipv6 network;
  unsigned prefix;
};

/// Source: IANA, "IPv6 Special-Purpose Address Registry". Those that stand for IPv4 addresses would
/// pass by what is said of those. Link-local ones have no meaning on another link.
constexpr std::array kNowhere6{
    Block6{.network = {{}}, .prefix = 96},  // unspecified, loopback, IPv4-compatible
    Block6{.network = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}}, .prefix = 96},  // IPv4-mapped
    Block6{.network = {{0xfe, 0x80}}, .prefix = 10},                                // link-local
    Block6{.network = {{0xff}}, .prefix = 8},                                       // multicast
};
constexpr Block6 kLink{.network = {{0xfe, 0x80}}, .prefix = 64};
constexpr Block6 kLinkMulticast{.network = {{0xff, 0x02}}, .prefix = 16};

bool is_icmp(Flow flow) {
  return flow.protocol == protocol::kIcmp || flow.protocol == protocol::kIcmpv6;
}

/// What holds where the user says nothing.
bool is_open(Place place, const Rules& rules) {
  if (rules.policy.is_offline()) return false;
  if (place == Place::Host) return rules.host;
  return place == Place::World || rules.link_local;
}

/// What a peer of the host has opened is answered. To libslirp a segment of no connection that
/// opens none is one to reset.
Reason judge(const Address& address, Flow flow, Place place, const Rules& rules) {
  if (!flow.opens) return Reason::Fine;
  const NetworkRule* rule = rules.policy.deciding(address, flow, place);
  return (rule ? rule->allows : is_open(place, rules)) ? Reason::Fine : Reason::Blocked;
}

/// The gateway stands for the host. TFTP on it is libslirp's own (CVE-2021-3595).
Reason check_gateway(const Address& address, Flow flow, const Rules& rules) {
  if (is_icmp(flow)) return Reason::Fine;
  if (flow.protocol == protocol::kUdp && flow.port == port::kTftp) return Reason::Destination;
  const bool renews = flow.protocol == protocol::kUdp && flow.port == port::kDhcpServer;
  if (renews && rules.dhcp) return Reason::Fine;
  return judge(address, flow, Place::Host, rules);
}

/// Of a fragment the port is not known yet: it is asked for once more when the datagram is whole.
Reason check_nameserver(Flow flow, const Rules& rules) {
  if (is_icmp(flow) || !flow.opens) return Reason::Fine;
  const bool asks = !flow.port || *flow.port == port::kDns;
  return rules.dns && asks ? Reason::Fine : Reason::Blocked;
}

Place place_of(Ipv4 address, const Rules& rules) {
  if (address == rules.network.gateway) return Place::Host;
  if (std::ranges::binary_search(rules.host_owned.ipv4, address)) return Place::Host;
  return address.is_in(kLinkLocal4.network, kLinkLocal4.prefix) ? Place::LinkLocal : Place::World;
}

Place place_of(const Ipv6& address, const Rules& rules) {
  if (address == rules.network.gateway6) return Place::Host;
  const bool is_host = std::ranges::binary_search(rules.host_owned.ipv6, address);
  return is_host ? Place::Host : Place::World;
}

}  // namespace

Reason check_destination(Ipv4 address, Flow flow, const Rules& rules) {
  const Network& network = rules.network;
  if (address == network.gateway) return check_gateway(address, flow, rules);
  if (address == network.nameserver) return check_nameserver(flow, rules);
  // To libslirp all others of the network are the host as well.
  if (address.is_in(network.address, network.prefix)) return Reason::Destination;
  const auto has = [&](const Block4& it) { return address.is_in(it.network, it.prefix); };
  if (std::ranges::any_of(kNowhere4, has)) return Reason::Destination;
  return judge(address, flow, place_of(address, rules), rules);
}

Reason check_destination(const Ipv6& address, Flow flow, const Rules& rules) {
  const Network& network = rules.network;
  if (address == network.gateway6) return check_gateway(address, flow, rules);
  if (address == network.nameserver6) return check_nameserver(flow, rules);
  if (address.is_in(network.address6, network.prefix6)) {
    // A guest asks whether an address of its own is free.
    return flow.protocol == protocol::kIcmpv6 ? Reason::Fine : Reason::Destination;
  }
  const auto has = [&](const Block6& it) { return address.is_in(it.network, it.prefix); };
  if (flow.protocol == protocol::kIcmpv6 && (has(kLink) || has(kLinkMulticast)))
    return Reason::Fine;  // neighbours, who are all ours
  if (std::ranges::any_of(kNowhere6, has)) return Reason::Destination;
  return judge(address, flow, place_of(address, rules), rules);
}

bool is_open_to_all(const Address& address, const Rules& rules) {
  const auto* ipv4 = std::get_if<Ipv4>(&address);
  const auto holds = [&](const auto& it) {
    if constexpr (std::is_same_v<decltype(it.network), Ipv4>)
      return ipv4 && ipv4->is_in(it.network, it.prefix);
    else
      return !ipv4 && std::get<Ipv6>(address).is_in(it.network, it.prefix);
  };
  if (std::ranges::any_of(kNowhere4, holds) || std::ranges::any_of(kNowhere6, holds)) return false;
  return std::visit([&](const auto& it) { return place_of(it, rules); }, address) == Place::World;
}

std::string why_blocked(const Address& address, Flow flow, const Rules& rules) {
  const auto place = std::visit([&](const auto& it) { return place_of(it, rules); }, address);
  const Network& network = rules.network;
  if (address == Address(network.nameserver) || address == Address(network.nameserver6))
    return "the name server answers at port 53 alone";
  if (const NetworkRule* rule = rules.policy.deciding(address, flow, place))
    return rule->with_option();
  if (rules.policy.is_offline()) return "--offline";
  return place == Place::Host ? "--disable-host-loopback" : "no --allow-link-local";
}

}  // namespace wolffia::net
