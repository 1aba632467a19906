// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "net/rules.hpp"
#include "net/udp_port.hpp"
#include "sys/fd.hpp"

/// What net/connects.cpp and the process that connects tell each other, each in one packet.
namespace wolffia::net {

struct ConnectRequest {
  enum class Kind : uint32_t {
    Connect,  // the attached socket
    UdpPort,  // bind one: the reply brings the end from which its peers come
  };
  Kind kind = Kind::Connect;
  sys::SocketName name;
};

/// 0, or why not. Its packet may bring a descriptor.
struct ConnectReply {
  int error = 0;
};

/// A peer of a port, whose socket is attached; the datagram is behind it in the packet.
struct PeerHeader {
  sys::SocketName name;
};

/// The process: it serves until nobody asks any more.
[[noreturn]] void connect_for(const sys::Fd& asker, const Rules& rules, uint64_t capabilities);

}  // namespace wolffia::net
