// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::net {

/// The last step of confine(): forwarding goes on, nothing else. Source: seccomp(2).
Result<void> forbid_system_calls();
/// The same without connect(2), and without sending to addresses: another process connects. It is
/// told through `asker`, which is the only descriptor that sendmsg(2) takes, and stays open.
Result<void> forbid_connects_too(int asker);
/// For that process, which does nothing else.
Result<void> forbid_all_but_connects();
/// The same for a process that does nothing but make sockets and hand them out.
Result<void> forbid_all_but_sockets();

/// What is left to see of the machine.
struct Cell {
  std::string_view resolv_conf =
      {};  // what libslirp finds at /etc/resolv.conf, the only file there
  bool demands_namespaces = false;
};

/// What is left to do.
struct Lock {
  uint64_t kept_capabilities = 0;
  bool ends_with_parent = true;  // killed; else it has to see by itself that it is over
  std::function<Result<void>()> forbid = forbid_system_calls;
};

struct Confined {
  bool is_hidden = false;  // in namespaces of its own
  sys::Fd resolv_conf;     // that file, to be written anew; empty where that cannot be
};

/// That for ports under 1024, where it is the machine's root who has it: those of a user namespace
/// of our own would not reach the host's network.
Result<uint64_t> capability_for_ports();

/// Locks the daemon in for good before it reads its first frame, as one that the guest has taken
/// over: namespaces and an empty root of its own, no capability but those that are kept, no new
/// privileges, bounded memory, and of system calls those that forwarding takes. It ends when the
/// process does that forked it, if it shall. Where namespaces are refused and not demanded the rest
/// holds. Precondition: the process has one thread. Errors: of the step that failed; then nothing
/// may be served.
Result<Confined> confine(const Cell& cell, const Lock& lock);

/// The same in two steps, for processes that share a cell: who is forked in between locks itself.
Result<Confined> enter(const Cell& cell);
Result<void> lock_in(const Lock& lock);

}  // namespace wolffia::net
