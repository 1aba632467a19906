// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "net/address.hpp"
#include "sys/tcp.hpp"

/// Addresses as the calls of sockets have them.
namespace wolffia::net {

sys::SocketName to_name(const Address& address, uint16_t port);

/// The same for a socket of IPv6 that has connections of IPv4 too: RFC 4291, 2.5.5.2.
sys::SocketName to_mapped_name(const Address& address, uint16_t port);

/// The address in it.
Address to_address(const sys::SocketName& name);
uint16_t to_port(const sys::SocketName& name);

}  // namespace wolffia::net
