// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <poll.h>

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/process.hpp"

namespace wolffia::container {

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

/// Signals held back from the caller from construction on, to be forwarded: made before the
/// process is, so that none gets lost between the two. Restores the mask.
class SignalGate {
 public:
  static Result<SignalGate> close();
  SignalGate(SignalGate&&) noexcept = default;
  SignalGate& operator=(SignalGate&&) = delete;
  ~SignalGate();
  const sys::Fd& descriptor() const { return signals_; }

 private:
  SignalGate() = default;
  sys::Fd signals_;
};

/// Waits in the foreground until `child` ended and reaps it: forwards signals through its pidfd,
/// stops and continues with it, keeps `relay` (may be null) going, reaps adopted children.
Result<sys::Ended> supervise(const sys::PidFd& child, const SignalGate& signals, Relay* relay);

}  // namespace wolffia::container
