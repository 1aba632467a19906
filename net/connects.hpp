// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "net/rules.hpp"
#include "net/udp_port.hpp"
#include "sys/fd.hpp"

/// A daemon that the guest has taken over must not reach the host where that is blocked. So it may
/// neither connect(2) nor send to an address: another process connects, with the address that it
/// has judged, the socket that it is handed. libslirp and everything else of this program calls the
/// connect() and sendto() that are defined here.
namespace wolffia::net {

/// Whether a connection of the daemon's may be made. `protocol` is one of net/headers.hpp. Only of
/// the host and of 169.254.0.0/16 this knows: names are what the guest's questions were answered
/// with, which such a daemon forges.
bool may_connect(const Address& to, uint16_t port, uint8_t protocol, const Rules& rules);

/// Has a process make connections from now on; it ends when the caller does. It keeps the host's
/// addresses in `rules` up to date. `capabilities` are those for ports. Precondition: one thread,
/// after enter() and before lock_in() in confine.hpp: the two share a cell, and each locks itself.
Result<void> leave_connects_to_another(const Rules& rules, uint64_t capabilities);

/// The only descriptor that may be sent to with more than send(2) has, as forbid_connects_too()
/// wants it; -1 where the caller connects itself. It has something to read only when that process
/// is gone.
int connects_file();

/// What is to be said then: whoever started the daemon can start another.
Error connects_are_over();

/// Waits until that process is locked in, which it does while the caller is busy with the same.
/// Errors: ECHILD where it cannot; then nothing may be served.
Result<void> await_connects();

/// A published port of UDP, wherever it is: who has written to it may be answered, also from where
/// the daemon must not begin. So where another process connects that one has the port, and each
/// peer's socket comes from it. Errors: EADDRINUSE and others of bind(2).
Result<sys::Fd> open_udp_port(const sys::SocketName& name);

/// Of what open_udp_port() gave. Errors: as accept_udp().
Result<UdpPeer> next_udp_peer(const sys::Fd& port, MutableBytes data);

}  // namespace wolffia::net
