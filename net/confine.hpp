// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "base/result.hpp"

namespace wolffia::net {

struct Cell {
  std::string_view resolv_conf;  // what libslirp finds at /etc/resolv.conf, the only file there
  bool demands_namespaces = false;
};

/// Locks the daemon in for good before it reads its first frame, as one that the guest has taken
/// over: namespaces and an empty root of its own, no capability but that for ports under 1024 where
/// it is the machine's root, no new privileges, bounded memory, and of system calls those that
/// forwarding takes. True where the namespaces were refused and not demanded: the rest holds.
/// Precondition: the process has one thread.
/// Errors: of the step that failed; then nothing may be served.
Result<bool> confine(const Cell& cell);

/// The last step of confine(). Source: seccomp(2).
Result<void> forbid_system_calls();

}  // namespace wolffia::net
