// SPDX-License-Identifier: Apache-2.0
#include "sys/tcp.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>

#include "sys/file.hpp"

namespace wolffia::sys {
namespace {

constexpr int kNoWait = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

struct Setting {
  int level;
  int name;
  int value;
};

template <size_t Count>
Result<void> apply(const Fd& socket, const Setting (&settings)[Count]) {
  for (const Setting& it : settings)
    if (::setsockopt(socket.get(), it.level, it.name, &it.value, sizeof it.value) < 0)
      return Error::last("setsockopt");
  return {};
}

}  // namespace

Result<Fd> listen_tcp(const SocketName& name) {
  const int family = name.address.ss_family;
  Fd listener(::socket(family, kNoWait, 0));
  if (!listener) return Error::last("socket");
  // Connections have these from their listener. Source: sk_clone_lock() in net/core/sock.c.
  TRY(apply(listener, {{SOL_SOCKET, SO_REUSEADDR, 1},
                       {SOL_SOCKET, SO_OOBINLINE, 1},
                       {SOL_SOCKET, SO_KEEPALIVE, 1},
                       {IPPROTO_TCP, TCP_NODELAY, 1}}));
  if (family == AF_INET6) TRY(apply(listener, {{IPPROTO_IPV6, IPV6_V6ONLY, 1}}));
  if (::bind(listener.get(), name.generic(), name.size) < 0) return Error::last("bind");
  if (::listen(listener.get(), SOMAXCONN) < 0) return Error::last("listen");
  return listener;
}

Result<Accepted> accept_tcp(const Fd& listener) {
  Accepted accepted;
  sockaddr* const peer = reinterpret_cast<sockaddr*>(&accepted.peer.address);
  accepted.connection =
      Fd(::accept4(listener.get(), peer, &accepted.peer.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!accepted.connection) return Error::last("accept4");
  return accepted;
}

Result<Fd> transparent_tcp(const TransparentSettings& settings) {
  Fd socket(::socket(settings.is_ipv6 ? AF_INET6 : AF_INET, kNoWait, 0));
  if (!socket) return Error::last("socket");
  // Bound to "lo" it may have a port again after a second. Source: tcp_tw_reuse in ip-sysctl.rst.
  constexpr char kLoopback[] = "lo";
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, kLoopback, sizeof kLoopback) < 0)
    return Error::last("setsockopt(SO_BINDTODEVICE)");
  TRY(apply(socket, {{IPPROTO_IP, IP_TRANSPARENT, 1},
                     {SOL_SOCKET, SO_REUSEADDR, 1},
                     {IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1},
                     {SOL_SOCKET, SO_MARK, static_cast<int>(settings.mark)},
                     {SOL_SOCKET, SO_OOBINLINE, 1},
                     {IPPROTO_TCP, TCP_NODELAY, 1}}));
  if (settings.is_ipv6) TRY(apply(socket, {{IPPROTO_IPV6, IPV6_V6ONLY, 0}}));
  return socket;
}

Result<Fd> connecting_tcp(int family) {
  Fd socket(::socket(family, kNoWait, 0));
  if (!socket) return Error::last("socket");
  TRY(apply(socket, {{SOL_SOCKET, SO_OOBINLINE, 1},
                     {SOL_SOCKET, SO_KEEPALIVE, 1},
                     {IPPROTO_TCP, TCP_NODELAY, 1}}));
  return socket;
}

Result<void> bind_tcp(const Fd& socket, const SocketName& name) {
  if (::bind(socket.get(), name.generic(), name.size) < 0) return Error::last("bind");
  return {};
}

Result<void> connect_tcp(const Fd& socket, const SocketName& name) {
  if (::connect(socket.get(), name.generic(), name.size) < 0 && errno != EINPROGRESS)
    return Error::last("connect");
  return {};
}

bool is_connected(const Fd& socket) {
  SocketName peer;
  return ::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&peer.address), &peer.size) == 0;
}

Result<void> try_connection(const Fd& listener, const SocketName& to, const Fd& socket,
                            const SocketName& from) {
  TRY(bind_tcp(listener, to));
  if (::listen(listener.get(), 1) < 0) return Error::last("listen");
  SocketName bound;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound.address), &bound.size) < 0)
    return Error::last("getsockname");
  TRY(bind_tcp(socket, from));
  TRY(set_blocking(socket, true));
  const timeval second{.tv_sec = 1, .tv_usec = 0};
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second) < 0)
    return Error::last("setsockopt(SO_SNDTIMEO)");
  return connect_tcp(socket, bound);
}

int connection_error(const Fd& socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) < 0) return errno;
  return error;
}

Result<void> end_writing(const Fd& socket) {
  if (::shutdown(socket.get(), SHUT_WR) < 0) return Error::last("shutdown");
  return {};
}

void reset_at_close(const Fd& socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

Result<size_t> splice(const Fd& from, const Fd& to, size_t most) {
  const ssize_t moved =
      ::splice(from.get(), nullptr, to.get(), nullptr, most, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
  if (moved < 0) return Error::last("splice");
  return static_cast<size_t>(moved);
}

Result<size_t> receive_some(const Fd& connection, std::span<std::byte> into) {
  const ssize_t size = ::recv(connection.get(), into.data(), into.size(), MSG_DONTWAIT);
  if (size < 0) return Error::last("recv");
  return static_cast<size_t>(size);
}

Result<size_t> send_some(const Fd& connection, std::span<const std::byte> bytes) {
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
  const ssize_t size = ::send(connection.get(), bytes.data(), bytes.size(), kFlags);
  if (size < 0 && errno == EAGAIN) return size_t{0};
  if (size < 0) return Error::last("send");
  return static_cast<size_t>(size);
}

Result<size_t> copy_into(const Fd& connection, const Fd& pipe) {
  std::array<char, 4096> bytes;  // PIPE_BUF: an empty pipe has that much room, pipe(7)
  const ssize_t size = ::recv(connection.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size < 0) return Error::last("recv");
  if (size == 0) return size_t{0};
  TRY(write_all(pipe, {bytes.data(), static_cast<size_t>(size)}));
  return static_cast<size_t>(size);
}

Result<std::pair<Fd, Fd>> pipe_of_size(int bytes) {
  auto pipe = TRY(make_pipe(O_NONBLOCK));
  (void)::fcntl(pipe.first.get(), F_SETPIPE_SZ, bytes);
  return pipe;
}

int connect_by_call(int socket, const sockaddr* to, socklen_t size) {
  return static_cast<int>(::syscall(SYS_connect, socket, to, size));
}

ssize_t send_by_call(int socket, std::span<const std::byte> bytes, int flags, const sockaddr* to,
                     socklen_t size) {
  return ::syscall(SYS_sendto, socket, bytes.data(), bytes.size(), flags, to, size);
}

}  // namespace wolffia::sys
