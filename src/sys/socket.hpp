// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstddef>
#include <span>
#include <utility>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Unix sockets that keep message borders. Never abstract. Source: unix(7).
namespace wolffia::sys {

/// Two ends of one SOCK_SEQPACKET connection.
Result<std::pair<Fd, Fd>> packet_pair();

/// Sends one packet, with a descriptor when `attached` is not null; never raises SIGPIPE.
/// Errors: EPIPE when the other end is closed.
Result<void> send_packet(const Fd& socket, std::span<const std::byte> bytes,
                         const Fd* attached = nullptr);

struct Received {
  size_t size = 0;  // 0: the other end is closed
  Fd attached;      // empty unless the packet brought one
};

/// The same without waiting: false when the other end has to read first. Source: MSG_DONTWAIT in
/// send(2).
Result<bool> offer_packet(const Fd& socket, std::span<const std::byte> bytes,
                          const Fd* attached = nullptr);

enum class Waiting : bool { No, Yes };

/// Receives one packet; what does not fit into `bytes` is an error (EMSGSIZE). Errors: EAGAIN where
/// it does not wait, or has waited for as long as it may.
Result<Received> receive_packet(const Fd& socket, std::span<std::byte> bytes,
                                Waiting waiting = Waiting::Yes);

/// Whoever receives waits for so long at most. Source: SO_RCVTIMEO in socket(7).
Result<void> bound_waiting(const Fd& socket, std::chrono::milliseconds most);

/// So many small packets with a descriptor wait for the other end at most, about. Source: SO_SNDBUF
/// in socket(7); a packet counts as struct sk_buff and what it holds.
void bound_queue(const Fd& socket, size_t packets);

enum class SocketKind : bool { Packets, Stream };

/// A 0600 socket `name` in `directory`, before which `waiting` connections may wait.
/// The path goes through /proc/self/fd, as sun_path holds 108 bytes only. Errors: EADDRINUSE.
Result<Fd> listen_at(const Fd& directory, const char* name, SocketKind kind = SocketKind::Packets,
                     int waiting = 1);

/// Connects to listen_at()'s socket. Errors: ENOENT; ECONNREFUSED when nobody listens any more.
Result<Fd> connect_at(const Fd& directory, const char* name);

/// Takes the next connection.
Result<Fd> accept_from(const Fd& listener);

/// Connects a stream socket to a path of the caller, of any length: a console socket.
Result<Fd> connect_stream(const char* path);

}  // namespace wolffia::sys
