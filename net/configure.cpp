// SPDX-License-Identifier: Apache-2.0
#include "net/configure.hpp"

#include <array>

#include "sys/interface.hpp"
#include "sys/namespace.hpp"
#include "sys/tap.hpp"

namespace wolffia::net {
namespace {

/// An interface that outlived a daemon has its address.
Result<void> unless_there(Result<void> done) {
  if (!done && done.error().is(EEXIST)) return {};
  return done;
}

std::array<uint8_t, 4> bytes_of(Ipv4 address) {
  std::array<uint8_t, 4> bytes{};
  write32(bytes, 0, address.value);
  return bytes;
}

Result<void> configure_ipv4(sys::Netlink& netlink, int index, const Network& network) {
  TRY(unless_there(sys::add_address(netlink, index, bytes_of(network.guest),
                                    static_cast<uint8_t>(network.prefix))),
      "address ", to_text(network.guest));
  TRY(unless_there(sys::add_default_route(netlink, index, bytes_of(network.gateway))),
      "route through ", to_text(network.gateway));
  return {};
}

/// The address ends like the IPv4 one. The interface makes up further ones from advertisements.
Result<void> configure_ipv6(sys::Netlink& netlink, int index, const Network& network) {
  constexpr uint8_t kGuest = 100;
  const Ipv6 guest = network.address6.host(network.prefix6, kGuest);
  const auto added = unless_there(
      sys::add_address(netlink, index, guest.bytes, static_cast<uint8_t>(network.prefix6)));
  const bool has_none = !added && (added.error().is(EACCES) || added.error().is(EOPNOTSUPP) ||
                                   added.error().is(EPERM));
  if (has_none) return {};
  if (!added) return Error(added.error()).context(cat("address ", to_text(guest)));
  TRY(unless_there(sys::add_default_route(netlink, index, network.gateway6.bytes)),
      "route through ", to_text(network.gateway6));
  return {};
}

}  // namespace

Result<void> configure(const Options& options) {
  TRY(sys::bring_loopback_up(), "bring up lo");
  sys::Netlink netlink = TRY(sys::Netlink::open());
  const int index = TRY(sys::interface_index(options.interface), options.interface);
  sys::LinkSettings settings{.mtu = options.mtu, .queue = sys::kTapQueue};
  if (options.mac) settings.link_address = options.mac->bytes;
  TRY(sys::bring_up(netlink, index, settings), "bring up ", options.interface);
  TRY(configure_ipv4(netlink, index, options.network), options.interface);
  if (options.network.has_ipv6)
    TRY(configure_ipv6(netlink, index, options.network), options.interface);
  return {};
}

}  // namespace wolffia::net
