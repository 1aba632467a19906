// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "net/bytes.hpp"
#include "sys/udp.hpp"

namespace wolffia::net {

/// Somebody's first datagram to a published port, and a socket for that peer alone: with the port's
/// address, connected.
struct UdpPeer {
  sys::Fd socket;
  sys::SocketName name;
  size_t size = 0;  // of the datagram
};

/// Takes the next one, whose datagram is read into `data`. Precondition: `port` is of
/// sys::udp_port(). Errors: EAGAIN where nobody has written; of the socket, and then that datagram
/// is lost.
Result<UdpPeer> accept_udp(const sys::Fd& port, MutableBytes data);

}  // namespace wolffia::net
