// SPDX-License-Identifier: Apache-2.0
#include "net/peer.hpp"

#include <algorithm>

namespace wolffia::net {
namespace {

struct Block4 {
  Ipv4 network;
  unsigned prefix;
};

/// What no packet between machines comes from. Source: the registry of RFC 6890.
constexpr Block4 kNobodys4[] = {{{0}, 8}, {{0x7f000000}, 8}, {{0xe0000000}, 3}};

struct Block6 {
  Ipv6 network;
  unsigned prefix;
};

/// Unspecified, loopback and mapped; of one link alone; of groups.
constexpr Block6 kNobodys6[] = {{Ipv6(), 80}, {{{0xfe, 0x80}}, 10}, {{{0xff}}, 8}};

template <class Kind, class Block, size_t Count>
bool is_in_any(const Kind& address, const Block (&blocks)[Count]) {
  return std::ranges::any_of(blocks,
                             [&](const Block& it) { return address.is_in(it.network, it.prefix); });
}

}  // namespace

Address address_for_guest(const Address& peer, const Network& network) {
  if (const auto* ipv4 = std::get_if<Ipv4>(&peer)) {
    const bool is_guests = ipv4->is_in(network.address, network.prefix);
    return is_guests || is_in_any(*ipv4, kNobodys4) ? network.gateway : *ipv4;
  }
  const auto& ipv6 = std::get<Ipv6>(peer);
  const bool is_guests = ipv6.is_in(network.address6, network.prefix6);
  return is_guests || is_in_any(ipv6, kNobodys6) ? network.gateway6 : ipv6;
}

}  // namespace wolffia::net
