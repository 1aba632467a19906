// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sys/netlink.hpp"

/// Network interfaces of the current network namespace. Addresses are bytes in network order: four
/// of IPv4, sixteen of IPv6. Source: rtnetlink(7).
namespace wolffia::sys {

using AddressBytes = std::span<const uint8_t>;

/// Source: if_nametoindex(3). Errors: ENODEV.
Result<int> interface_index(const std::string& name);

/// The same of the network namespace that `netlink` is about. Errors: ENODEV.
Result<int> interface_index(Netlink& netlink, const std::string& name);

/// Moves an interface into another network namespace, where it has that name, is down and has no
/// addresses. Source: dev_change_net_namespace() in net/core/dev.c.
/// Errors: EPERM without CAP_NET_ADMIN over both; EINVAL where it belongs to its namespace (lo).
Result<void> move_interface(Netlink& netlink, int index, const NamespaceFd& space,
                            const std::string& name);

struct LinkSettings {
  uint32_t mtu = 0;                // 0: as it is
  uint32_t queue = 0;              // packets that wait to be sent at most; 0: as it is
  AddressBytes link_address = {};  // empty: as it is
};

/// Sets what is given, and brings the interface up.
Result<void> bring_up(Netlink& netlink, int index, const LinkSettings& settings);

/// Gives the interface an address, at once usable. Errors: EEXIST where it has it; EACCES and
/// EOPNOTSUPP where there is no IPv6.
Result<void> add_address(Netlink& netlink, int index, AddressBytes address, uint8_t prefix);

/// What no other route is for goes to `gateway`.
Result<void> add_default_route(Netlink& netlink, int index, AddressBytes gateway);

struct InterfaceAddress {
  int index = 0;
  std::vector<uint8_t> bytes;
  uint8_t prefix = 0;
  /// It was given for good, and for all networks: not of a link, nor for as long as a router says.
  bool lasts = false;
};

/// The addresses of all interfaces.
Result<std::vector<InterfaceAddress>> interface_addresses(Netlink& netlink);

/// Hears of addresses that come and go.
Result<Netlink> watch_addresses();

}  // namespace wolffia::sys
