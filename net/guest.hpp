// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "net/options.hpp"
#include "net/socket_maker.hpp"
#include "sys/fd.hpp"

namespace wolffia::net {

struct Guest {
  /// The other end of its interface: a tap, or a connection with a frame in each packet.
  sys::Fd link;
  /// Sockets of its namespace, where published ports take them; see make_sockets().
  GuestSockets sockets;
  sys::PidFd maker;  // of those; empty: nobody makes any
};

/// The interface is made by a short-lived process that enters the guest's namespaces, so that this
/// one never does; where sockets are wanted that process stays, and makes them. For
/// TargetKind::Bess it waits until somebody connects.
/// Errors: with what was to be opened, entered or configured.
Result<Guest> connect_guest(const Options& options);

}  // namespace wolffia::net
