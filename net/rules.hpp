// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "net/address.hpp"
#include "net/policy.hpp"

namespace wolffia::net {

/// The addresses of the network that a guest sees. Source: slirp4netns(1); libslirp has them too.
struct Network {
  Ipv4 address{0x0a000200};     // of the network: its host part is 0
  unsigned prefix = 24;         // 1 to 30: two of ours and a guest need room
  Ipv4 gateway{0x0a000202};     // stands for the host
  Ipv4 nameserver{0x0a000203};  // stands for the host's name server
  Ipv4 guest{0x0a000264};       // that of the interface, where we configure it
  bool has_ipv6 = false;
  Ipv6 address6{{0xfd}};
  unsigned prefix6 = 64;
  Ipv6 gateway6 = address6.host(64, 2);
  Ipv6 nameserver6 = address6.host(64, 3);
};

/// The addresses of the host's own interfaces, each list in order.
struct HostAddresses {
  std::vector<Ipv4> ipv4;
  std::vector<Ipv6> ipv6;
};

/// What frames of the guest may be.
struct Rules {
  Network network;
  Mac guest;                 // that of the interface
  bool dns = true;           // the name server's address serves port 53, else nothing
  bool dhcp = false;         // a guest without an address may ask for one
  bool host = true;          // the host itself can be reached
  bool link_local = false;   // 169.254.0.0/16 can be reached: there clouds keep their credentials
  HostAddresses host_owned;  // read where `host` is false
  Policy policy;             // what the user says, which counts before the two above
};

}  // namespace wolffia::net
