// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/tcp.hpp"

/// Datagrams of the internet, by sockets that do not wait. Source: udp(7), ip(7), ipv6(7).
namespace wolffia::sys {

/// A socket for one peer. `family` is AF_INET or AF_INET6, which has nothing of IPv4 then.
Result<Fd> udp_socket(int family);

/// One that hears from everybody, and is told which address they wrote to. Nobody else can have its
/// port. Errors: EADDRINUSE and others of bind(2).
Result<Fd> udp_port(const SocketName& name);

/// A socket of the same port as `other`, for a peer of its own. What comes in before it has one is
/// anybody's. Source: SO_REUSEADDR in socket(7); udp4_lib_lookup2() in net/ipv4/udp.c prefers a
/// socket that is connected.
Result<Fd> udp_beside(const Fd& other, const SocketName& name);
/// Lets others be made beside it. Another process may be one of them: it hears nothing from peers.
Result<void> share_port(const Fd& socket, bool does = true);

/// Only this peer is written to and heard from then. Errors: of connect(2), ENETUNREACH among them.
Result<void> connect_udp(const Fd& socket, const SocketName& peer);

Result<SocketName> local_name(const Fd& socket);

struct Arrival {
  SocketName from;
  SocketName to;  // with the port of the socket
  size_t size = 0;
};
/// One datagram of a udp_port(). Errors: EAGAIN where there is none.
Result<Arrival> receive_udp(const Fd& port, std::span<uint8_t> into);

/// Errors: EAGAIN; ECONNREFUSED and others that an earlier one met.
Result<void> send_udp(const Fd& connected, std::span<const uint8_t> data);

/// Several datagrams, of `segment` bytes each but for the last, which may be smaller. All or none
/// are sent. Errors: EAGAIN; EINVAL, EMSGSIZE or EIO where the way there does not take them so;
/// ENOPROTOOPT before Linux 4.18; what an earlier one met. Source: UDP_SEGMENT in udp(7).
Result<void> send_udp_segments(const Fd& connected, std::span<const uint8_t> data, size_t segment);

/// Datagrams that are received by one call, each with room in front for headers.
class UdpBatch {
 public:
  static constexpr size_t kAtOnce = 16;
  static constexpr size_t kLargest = 65'536;

  explicit UdpBatch(size_t headroom);

  /// How many there are. Errors: EAGAIN; what an earlier datagram met, once.
  Result<size_t> receive(const Fd& socket);
  const SocketName& from(size_t index) const { return names_[index]; }
  size_t size(size_t index) const { return messages_[index].msg_len; }
  /// Headroom and data.
  std::span<uint8_t> room(size_t index);

 private:
  size_t headroom_;
  std::unique_ptr<uint8_t[]> bytes_;  // none of it is touched before it is needed
  std::array<SocketName, kAtOnce> names_;
  std::array<iovec, kAtOnce> parts_{};
  std::array<mmsghdr, kAtOnce> messages_{};
};

}  // namespace wolffia::sys
