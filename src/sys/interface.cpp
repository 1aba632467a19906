// SPDX-License-Identifier: Apache-2.0
#include "sys/interface.hpp"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstring>

namespace wolffia::sys {
namespace {

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

/// With the zero behind it that the kernel wants.
std::span<const std::byte> as_text(const std::string& text) {
  return std::as_bytes(std::span(text.c_str(), text.size() + 1));
}

uint8_t family_of(AddressBytes address) {
  return address.size() == 4 ? AF_INET : AF_INET6;
}

}  // namespace

Result<int> interface_index(const std::string& name) {
  const unsigned index = ::if_nametoindex(name.c_str());
  if (index == 0) return Error::last("if_nametoindex");
  return static_cast<int>(index);
}

Result<int> interface_index(Netlink& netlink, const std::string& name) {
  const ifinfomsg none{};
  NetlinkRequest request(RTM_GETLINK, NLM_F_ACK, bytes_of(none));
  request.add(IFLA_IFNAME, as_text(name));
  ifinfomsg found{};
  TRY(netlink.dump(request, [&](uint16_t type, std::span<const std::byte> bytes) {
    if (type == RTM_NEWLINK && bytes.size() >= sizeof found)
      std::memcpy(&found, bytes.data(), sizeof found);
  }));
  return found.ifi_index;
}

Result<void> move_interface(Netlink& netlink, int index, const NamespaceFd& space,
                            const std::string& name) {
  ifinfomsg body{};
  body.ifi_index = index;
  NetlinkRequest request(RTM_NEWLINK, NLM_F_ACK, bytes_of(body));
  request.add(IFLA_NET_NS_FD, bytes_of(space.get()));
  request.add(IFLA_IFNAME, as_text(name));
  return netlink.change(request);
}

Result<void> bring_up(Netlink& netlink, int index, const LinkSettings& settings) {
  ifinfomsg body{};
  body.ifi_family = AF_UNSPEC;
  body.ifi_index = index;
  body.ifi_flags = IFF_UP;
  body.ifi_change = IFF_UP;
  NetlinkRequest request(RTM_NEWLINK, NLM_F_ACK, bytes_of(body));
  if (settings.mtu != 0) request.add(IFLA_MTU, bytes_of(settings.mtu));
  if (settings.queue != 0) request.add(IFLA_TXQLEN, bytes_of(settings.queue));
  if (!settings.link_address.empty())
    request.add(IFLA_ADDRESS, std::as_bytes(settings.link_address));
  return netlink.change(request);
}

Result<void> add_address(Netlink& netlink, int index, AddressBytes address, uint8_t prefix) {
  ifaddrmsg body{};
  body.ifa_family = family_of(address);
  body.ifa_prefixlen = prefix;
  body.ifa_index = static_cast<uint32_t>(index);
  body.ifa_flags = IFA_F_PERMANENT;
  if (body.ifa_family == AF_INET6) body.ifa_flags |= IFA_F_NODAD;  // nobody else is on the link
  NetlinkRequest request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, bytes_of(body));
  request.add(IFA_LOCAL, std::as_bytes(address));
  request.add(IFA_ADDRESS, std::as_bytes(address));
  if (body.ifa_family == AF_INET && prefix < 31) {
    std::vector<uint8_t> everybody(address.begin(), address.end());
    for (size_t bit = prefix; bit < 32; ++bit)
      everybody[bit / 8] |= static_cast<uint8_t>(0x80 >> bit % 8);
    request.add(IFA_BROADCAST, std::as_bytes(std::span(everybody)));
  }
  return netlink.change(request);
}

Result<void> add_default_route(Netlink& netlink, int index, AddressBytes gateway) {
  rtmsg body{};
  body.rtm_family = family_of(gateway);
  body.rtm_table = RT_TABLE_MAIN;
  body.rtm_protocol = RTPROT_BOOT;
  body.rtm_scope = RT_SCOPE_UNIVERSE;
  body.rtm_type = RTN_UNICAST;
  NetlinkRequest request(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, bytes_of(body));
  request.add(RTA_GATEWAY, std::as_bytes(gateway));
  request.add(RTA_OIF, bytes_of(index));
  return netlink.change(request);
}

Result<std::vector<InterfaceAddress>> interface_addresses(Netlink& netlink) {
  std::vector<InterfaceAddress> addresses;
  const auto note = [&](uint16_t type, std::span<const std::byte> bytes) {
    ifaddrmsg body{};
    if (type != RTM_NEWADDR || bytes.size() < sizeof body) return;
    std::memcpy(&body, bytes.data(), sizeof body);
    auto value = netlink_attribute(bytes, sizeof body, IFA_LOCAL);
    if (value.empty()) value = netlink_attribute(bytes, sizeof body, IFA_ADDRESS);
    if (value.size() != (body.ifa_family == AF_INET ? 4U : 16U)) return;
    InterfaceAddress& address = addresses.emplace_back();
    address.index = static_cast<int>(body.ifa_index);
    address.prefix = body.ifa_prefixlen;
    address.lasts = body.ifa_scope == RT_SCOPE_UNIVERSE && (body.ifa_flags & IFA_F_PERMANENT) != 0;
    address.bytes.resize(value.size());
    std::memcpy(address.bytes.data(), value.data(), value.size());
  };
  const ifaddrmsg all{};
  TRY(netlink.dump(NetlinkRequest(RTM_GETADDR, NLM_F_DUMP, bytes_of(all)), note));
  return addresses;
}

Result<Netlink> watch_addresses() {
  return Netlink::open(RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
}

}  // namespace wolffia::sys
