// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Connections of TCP, none of which waits, and bytes that go from one to another without being
/// seen. Source: tcp(7), ip(7), ipv6(7), splice(2).
namespace wolffia::sys {

/// An address and a port, of IPv4 or IPv6.
struct SocketName {
  sockaddr_storage address{};
  socklen_t size = sizeof(sockaddr_storage);
  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&address); }
};

/// Listens there; of IPv6 it has no connections of IPv4. What it accepts sends at once what it is
/// given, takes urgent data for any other, and notices in hours when nobody is there any more.
/// Errors: EADDRINUSE and others of bind(2).
Result<Fd> listen_tcp(const SocketName& name);

struct Accepted {
  Fd connection;
  SocketName peer;
};

/// Errors: EAGAIN where nobody waits; EMFILE and others of accept(2).
Result<Accepted> accept_tcp(const Fd& listener);

/// What a socket is made for that has another's address.
struct TransparentSettings {
  bool is_ipv6 = true;  // of IPv4 as well
  uint32_t mark = 0;    // by which answers find back
};

/// A socket of the current network namespace that can be bound to any address, also where others
/// are bound that listen to none, and routes through "lo". Errors: EPERM without CAP_NET_ADMIN over
/// the namespace; EAFNOSUPPORT without IPv6.
Result<Fd> transparent_tcp(const TransparentSettings& settings);

/// What connects to somebody as a program would: it sends at once what it is given, takes urgent
/// data for any other, and notices in hours when nobody is there any more. `family` is AF_INET or
/// AF_INET6. Errors: EMFILE and others of socket(2).
Result<Fd> connecting_tcp(int family);

Result<void> bind_tcp(const Fd& socket, const SocketName& name);

/// Begins to connect. Errors: those that are known at once.
Result<void> connect_tcp(const Fd& socket, const SocketName& name);

/// Whether the other end has answered. Source: ENOTCONN in getpeername(2).
bool is_connected(const Fd& socket);

/// Whether a connection from `from` to a listener at `to` comes about within a second; both are of
/// transparent_tcp(). Errors: what hinders it.
Result<void> try_connection(const Fd& listener, const SocketName& to, const Fd& socket,
                            const SocketName& from);

/// What went wrong with the connection, once; 0: nothing. Source: SO_ERROR in socket(7).
int connection_error(const Fd& socket);

/// The other end reads its last. Errors: ENOTCONN where it is gone.
Result<void> end_writing(const Fd& socket);

/// When it is closed the other end hears of a reset. Source: SO_LINGER in socket(7).
void reset_at_close(const Fd& socket);

/// As many bytes as there are, and as have room; one of both is a pipe. 0: the end of `from`.
/// Errors: EAGAIN; EPIPE, ECONNRESET and others of the connection.
Result<size_t> splice(const Fd& from, const Fd& to, size_t most);

/// Bytes that are copied, for when they are few. 0 of the first: the end. 0 of the second: there is
/// no room. Errors: EAGAIN of the first; EPIPE, ECONNRESET and others of the connection.
Result<size_t> receive_some(const Fd& connection, std::span<std::byte> into);
Result<size_t> send_some(const Fd& connection, std::span<const std::byte> bytes);

/// Some bytes of a connection into a pipe that has room, copied: splice(2) stops before urgent
/// data, and does not say so. The rest is as there. Source: tcp_read_sock() in net/ipv4/tcp.c.
Result<size_t> copy_into(const Fd& connection, const Fd& pipe);

/// A pipe that does not wait; the size is a wish. Source: F_SETPIPE_SZ in fcntl(2).
Result<std::pair<Fd, Fd>> pipe_of_size(int bytes);

/// connect(2) as it stands in its page, by the call itself: for a program that has a function of
/// that name in the C library's place.
int connect_by_call(int socket, const sockaddr* to, socklen_t size);
/// send(2), the same way.
ssize_t send_by_call(int socket, std::span<const std::byte> bytes, int flags, const sockaddr* to,
                     socklen_t size);

}  // namespace wolffia::sys
