// SPDX-License-Identifier: Apache-2.0
#include "net/connects.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "net/connector.hpp"
#include "sys/close_others.hpp"
#include "sys/process.hpp"
#include "sys/socket.hpp"

namespace wolffia::net {
namespace {

sys::Fd asked;  // the process that connects; empty: this one may

template <class Kind>
std::span<const std::byte> bytes_of(const Kind& packet) {
  return std::as_bytes(std::span(&packet, 1));
}

/// What its reply brings.
Result<sys::Fd> ask(const ConnectRequest& request, const sys::Fd* handed) {
  ConnectReply reply;
  TRY(sys::send_packet(asked, bytes_of(request), handed));
  auto said = TRY(sys::receive_packet(asked, std::as_writable_bytes(std::span(&reply, 1))));
  if (said.size != sizeof reply) return Error::because(EIO, "the process that connects is gone");
  if (reply.error != 0) return Error::because(reply.error, ::strerrordesc_np(reply.error));
  return std::move(said.attached);
}

/// As connect(2), by whoever may.
int ask_to_connect(int socket, const sockaddr* to, socklen_t size) {
  ConnectRequest request;
  std::memcpy(&request.name.address, to, size);
  request.name.size = size;
  const sys::BorrowedFd handed(socket);
  const auto done = ask(request, &handed.fd());
  if (done) return 0;
  errno = done.error().code();
  return -1;
}

bool is_connected_to(int socket, const sockaddr* to, socklen_t size) {
  sys::SocketName peer;
  sockaddr* const name = reinterpret_cast<sockaddr*>(&peer.address);
  return ::getpeername(socket, name, &peer.size) == 0 && peer.size == size &&
         std::memcmp(name, to, size) == 0;
}

/// As sendto(2): of a socket that nobody else writes with.
ssize_t ask_to_send(int socket, std::span<const std::byte> data, int flags, const sockaddr* to,
                    socklen_t size) {
  if (!is_connected_to(socket, to, size) && ask_to_connect(socket, to, size) < 0) return -1;
  return sys::send_by_call(socket, data, flags, nullptr, 0);
}

}  // namespace

Result<void> leave_connects_to_another(const Rules& rules, uint64_t capabilities) {
  auto [ours, theirs] = TRY(sys::packet_pair());
  const sys::Cloned child = TRY(sys::fork_process(), "the process that connects");
  if (child.pid == 0) {
    (void)sys::close_all_but({theirs.get()});
    connect_for(theirs, rules, capabilities);
  }
  asked = std::move(ours);
  return {};
}

int connects_file() {
  return asked.get();
}

Result<void> await_connects() {
  std::byte ready{};
  const auto said = TRY(sys::receive_packet(asked, std::span(&ready, 1)));
  if (said.size == 1) return {};
  return Error::because(ECHILD, "the process that connects cannot be confined");
}

Error connects_are_over() {
  return Error::because(ECHILD,
                        "the process that connects is gone, and without it nothing can be reached");
}

Result<sys::Fd> open_udp_port(const sys::SocketName& name) {
  if (!asked) return sys::udp_port(name);
  return ask({.kind = ConnectRequest::Kind::UdpPort, .name = name}, nullptr);
}

Result<UdpPeer> next_udp_peer(const sys::Fd& port, MutableBytes data) {
  if (!asked) return accept_udp(port, data);
  std::vector<std::byte> packet(sizeof(PeerHeader) + sys::UdpBatch::kLargest);
  auto received = TRY(sys::receive_packet(port, packet, sys::Waiting::No));
  if (received.size < sizeof(PeerHeader) || !received.attached)
    return Error::because(EPIPE, "the process that connects is gone");
  PeerHeader header;
  std::memcpy(&header, packet.data(), sizeof header);
  const size_t size = std::min(received.size - sizeof header, data.size());
  std::memcpy(data.data(), packet.data() + sizeof header, size);
  return UdpPeer{.socket = std::move(received.attached), .name = header.name, .size = size};
}

}  // namespace wolffia::net

/// In place of the C library's, for libslirp as well: symbols of the program come first, ld.so(8).
extern "C" __attribute__((visibility("default"))) int connect(int socket, const sockaddr* to,
                                                              socklen_t size) {
  using namespace wolffia::net;
  if (asked && size <= sizeof(sockaddr_storage)) return ask_to_connect(socket, to, size);
  return wolffia::sys::connect_by_call(socket, to, size);
}

// NOLINTNEXTLINE(readability-function-size): so many parameters its page has
extern "C" __attribute__((visibility("default"))) ssize_t sendto(int socket, const void* data,
                                                                 size_t length, int flags,
                                                                 const sockaddr* to,
                                                                 socklen_t size) {
  using namespace wolffia::net;
  const std::span bytes(static_cast<const std::byte*>(data), length);
  if (asked && to && size <= sizeof(sockaddr_storage))
    return ask_to_send(socket, bytes, flags, to, size);
  return wolffia::sys::send_by_call(socket, bytes, flags, to, size);
}
