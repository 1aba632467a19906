// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <signal.h>

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::sys {

/// The number of a signal written as "TERM", "SIGTERM", "15" or "RTMIN+3", in any case; nullopt
/// when there is no such signal. Source: signal(7), kill(1).
std::optional<int> parse_signal(std::string_view word);

/// Holds back the signals that a program in the foreground passes on, and gives them out one by
/// one. Not held: those that report our own faults, and SIGTTIN and SIGTTOU, with which a shell
/// keeps a background job off its terminal. Source: signalfd(2), sigprocmask(2).
class HeldSignals {
 public:
  static Result<HeldSignals> hold();
  HeldSignals(HeldSignals&&) = default;
  HeldSignals& operator=(HeldSignals&&) = delete;
  /// Restores the mask: what was held and not taken is delivered now.
  ~HeldSignals();

  /// Readable while a signal waits.
  const Fd& fd() const { return fd_; }

  /// The next waiting signal's number; nullopt when none waits.
  Result<std::optional<int>> take();

 private:
  HeldSignals(Fd fd, const sigset_t& before) : fd_(std::move(fd)), before_(before) {}
  Fd fd_;  // empty: moved from
  sigset_t before_;
};

}  // namespace wolffia::sys
