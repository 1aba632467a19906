// SPDX-License-Identifier: Apache-2.0
#include "net/socket_name.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace wolffia::net {
namespace {

constexpr size_t kMapped = 12;  // bytes before the address of IPv4, of which the last two are ones

template <class Kind>
sys::SocketName name_of(const Kind& name) {
  sys::SocketName out;
  std::memcpy(&out.address, &name, sizeof name);
  out.size = sizeof name;
  return out;
}

sys::SocketName name6(const Ipv6& address, uint16_t port) {
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(port);
  std::ranges::copy(address.bytes, std::begin(name.sin6_addr.s6_addr));
  return name_of(name);
}

}  // namespace

sys::SocketName to_name(const Address& address, uint16_t port) {
  if (const auto* ipv6 = std::get_if<Ipv6>(&address)) return name6(*ipv6, port);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(std::get<Ipv4>(address).value);
  return name_of(name);
}

sys::SocketName to_mapped_name(const Address& address, uint16_t port) {
  if (const auto* ipv6 = std::get_if<Ipv6>(&address)) return name6(*ipv6, port);
  Ipv6 mapped;
  mapped.bytes[kMapped - 2] = mapped.bytes[kMapped - 1] = 0xff;
  write32(mapped.bytes, kMapped, std::get<Ipv4>(address).value);
  return name6(mapped, port);
}

Address to_address(const sys::SocketName& name) {
  if (name.address.ss_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &name.address, sizeof four);
    return Ipv4{ntohl(four.sin_addr.s_addr)};
  }
  sockaddr_in6 six{};
  std::memcpy(&six, &name.address, sizeof six);
  Ipv6 address;
  std::ranges::copy(six.sin6_addr.s6_addr, address.bytes.begin());
  return address;
}

/// In the same place of both kinds: ip(7), ipv6(7).
uint16_t to_port(const sys::SocketName& name) {
  sockaddr_in four{};
  std::memcpy(&four, &name.address, sizeof four);
  return ntohs(four.sin_port);
}

}  // namespace wolffia::net
