// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "net/rules.hpp"
#include "sys/fd.hpp"

/// A daemon that the guest has taken over must not reach the host where that is blocked. So it may
/// not connect(2) at all: another process does that, with the address that it has judged, to the
/// socket that it is handed. libslirp and everything else of this program calls the connect() that
/// is defined here.
namespace wolffia::net {

/// Whether a connection of the daemon's may be made. Only of the host and of 169.254.0.0/16 this
/// knows: names are what the guest's questions were answered with, which such a daemon forges.
bool may_connect(const Address& to, uint16_t port, const Rules& rules);

/// Has a process make connections from now on; it ends when the caller does. It keeps the host's
/// addresses in `rules` up to date. Precondition: one thread, not confined yet.
Result<void> leave_connects_to_another(const Rules& rules);

/// Waits until that process is locked in, which it does while the caller is busy with the same.
/// Errors: ECHILD where it cannot; then nothing may be served.
Result<void> await_connects();

}  // namespace wolffia::net
