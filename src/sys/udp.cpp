// SPDX-License-Identifier: Apache-2.0
#include "sys/udp.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <cstring>

namespace wolffia::sys {
namespace {

Result<void> set(const Fd& socket, int level, int name, int value) {
  if (::setsockopt(socket.get(), level, name, &value, sizeof value) < 0)
    return Error::last("setsockopt");
  return {};
}

Result<void> bind_to(const Fd& socket, const SocketName& name) {
  if (::bind(socket.get(), name.generic(), name.size) < 0) return Error::last("bind");
  return {};
}

/// The port stays as it is in `name`, which is in the same place of both kinds.
template <class Kind, class Address>
void put_address(SocketName& name, const Address& address, Address Kind::*member, uint32_t scope) {
  Kind kind{};
  std::memcpy(&kind, &name.address, sizeof kind);
  kind.*member = address;
  if constexpr (requires { kind.sin6_scope_id; }) kind.sin6_scope_id = scope;
  std::memcpy(&name.address, &kind, sizeof kind);
}

void read_destination(msghdr& message, SocketName& to) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof info);
      put_address(to, info.ipi_addr, &sockaddr_in::sin_addr, 0);
    }
    if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof info);
      const bool is_of_link = IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr);
      put_address(to, info.ipi6_addr, &sockaddr_in6::sin6_addr,
                  is_of_link ? static_cast<uint32_t>(info.ipi6_ifindex) : 0);
    }
  }
}

}  // namespace

Result<Fd> udp_socket(int family) {
  Fd socket(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return Error::last("socket");
  if (family == AF_INET6) TRY(set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1));
  return socket;
}

Result<Fd> udp_port(const SocketName& name) {
  const bool is_ipv6 = name.address.ss_family == AF_INET6;
  Fd socket = TRY(udp_socket(name.address.ss_family));
  if (is_ipv6)
    TRY(set(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
  else
    TRY(set(socket, IPPROTO_IP, IP_PKTINFO, 1));
  TRY(bind_to(socket, name));
  return socket;
}

Result<void> share_port(const Fd& socket, bool does) {
  return set(socket, SOL_SOCKET, SO_REUSEADDR, does ? 1 : 0);
}

Result<Fd> udp_beside(const Fd& other, const SocketName& name) {
  Fd socket = TRY(udp_socket(name.address.ss_family));
  TRY(share_port(socket));
  TRY(share_port(other));
  const auto bound = bind_to(socket, name);
  if (!is_connected(other)) TRY(share_port(other, false));
  TRY(bound);
  return socket;
}

Result<void> connect_udp(const Fd& socket, const SocketName& peer) {
  if (::connect(socket.get(), peer.generic(), peer.size) < 0) return Error::last("connect");
  return {};
}

Result<SocketName> local_name(const Fd& socket) {
  SocketName name;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name.address), &name.size) < 0)
    return Error::last("getsockname");
  return name;
}

Result<Arrival> receive_udp(const Fd& port, std::span<uint8_t> into) {
  Arrival arrival{.from = {}, .to = TRY(local_name(port))};
  iovec part{.iov_base = into.data(), .iov_len = into.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in6_pktinfo))] = {};
  msghdr message{};
  message.msg_name = &arrival.from.address;
  message.msg_namelen = arrival.from.size;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = ::recvmsg(port.get(), &message, MSG_DONTWAIT);
  if (size < 0) return Error::last("recvmsg");
  arrival.from.size = message.msg_namelen;
  arrival.size = static_cast<size_t>(size);
  read_destination(message, arrival.to);
  return arrival;
}

Result<void> send_udp(const Fd& connected, std::span<const uint8_t> data) {
  if (::send(connected.get(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    return Error::last("send");
  return {};
}

Result<void> send_udp_segments(const Fd& connected, std::span<const uint8_t> data, size_t segment) {
  TRY(set(connected, IPPROTO_UDP, UDP_SEGMENT, static_cast<int>(segment)));
  auto sent = send_udp(connected, data);
  TRY(set(connected, IPPROTO_UDP, UDP_SEGMENT, 0));
  return sent;
}

UdpBatch::UdpBatch(size_t headroom)
    : headroom_(headroom),
      bytes_(std::make_unique_for_overwrite<uint8_t[]>(kAtOnce * (headroom + kLargest))) {}

std::span<uint8_t> UdpBatch::room(size_t index) {
  const size_t size = headroom_ + kLargest;
  return {&bytes_[index * size], size};
}

Result<size_t> UdpBatch::receive(const Fd& socket) {
  for (size_t i = 0; i < kAtOnce; ++i) {
    parts_[i] = {.iov_base = room(i).subspan(headroom_).data(), .iov_len = kLargest};
    msghdr& header = messages_[i].msg_hdr;
    header = {};
    header.msg_name = &names_[i].address;
    header.msg_namelen = sizeof names_[i].address;
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
  }
  const int count = ::recvmmsg(socket.get(), messages_.data(), kAtOnce, MSG_DONTWAIT, nullptr);
  if (count < 0) return Error::last("recvmmsg");
  for (size_t i = 0; i < static_cast<size_t>(count); ++i)
    names_[i].size = messages_[i].msg_hdr.msg_namelen;
  return static_cast<size_t>(count);
}

}  // namespace wolffia::sys
