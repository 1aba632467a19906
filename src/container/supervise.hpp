// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <poll.h>

#include <functional>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/process.hpp"
#include "sys/signal.hpp"

namespace wolffia::container {

class MemoryKills;
class Readiness;

/// The relay between a foreground terminal and the caller's own: takes part in supervise()'s loop.
/// Its destructor restores the caller's terminal.
class Relay {
 public:
  Relay() = default;
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  virtual ~Relay() = default;

  /// Appends what to poll next: asked before every round, so it may change with each.
  virtual void interests(std::vector<pollfd>& wanted) const = 0;
  /// Handles one entry of interests() that poll(2) found ready. Must not block.
  virtual Result<void> ready(const pollfd& event) = 0;
  /// The caller's window changed (SIGWINCH).
  virtual void resized() = 0;
  /// We were continued after a stop (SIGCONT): raw mode and window size are to be set again.
  virtual void continued() = 0;
  /// The process has ended: carries over what it still wrote. Must not wait for more.
  virtual void drain() = 0;
};

/// Makes the relay for a pty master; the front end's, since only it knows stdin and stdout.
using MakeRelay = std::function<Result<std::unique_ptr<Relay>>(sys::Fd master)>;

/// The process in the foreground: a child of ours, not yet waited for.
struct Foreground {
  const sys::PidFd& pidfd;
  pid_t pid;
  const Readiness* readiness = nullptr;  // what is passed on meanwhile; null: nothing
  MemoryKills* kills = nullptr;          // looked at meanwhile, and when it has ended; may be null
};

/// Waits until the process ended and reaps it: forwards the signals held, stops and continues with
/// it, keeps `relay` (may be null) going, reaps children that were adopted meanwhile. Holds little
/// memory while nothing happens.
/// `signals` must have been held before the process was let go, so that none is lost between.
Result<sys::Ended> supervise(const Foreground& process, sys::HeldSignals& signals, Relay* relay);

/// Waits until something is to be heard on `channel`: the program runs or could not be run.
/// Errors: EINTR when a signal that ends a program came first, `status` set to 128 + its number.
/// Other signals are dropped: there is no program yet to receive them.
Result<void> await_program(const sys::Fd& channel, sys::HeldSignals& signals, int& status);

}  // namespace wolffia::container
