// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <chrono>
#include <string>

#include "cli/user/attempt.hpp"

namespace wolffia::cli::user {

/// The network of a container in the background: when its daemon dies another serves the same
/// namespace. How often that was and what kept it from going on are in the container's record.
class NetworkCare {
 public:
  /// `line` holds the daemon, if there is one; `init` is the container's first process.
  NetworkCare(Assembly& assembly, helper::DaemonLine line, pid_t init);

  /// The daemon as a process, for poll(2); empty: there is none, or none any more.
  const sys::PidFd& process() const { return *process_; }

  /// Called when that has ended: a sentence for whoever reads what the program writes; empty: it
  /// ended well. Waits until another serves, for some seconds at most.
  std::string replace_dead();

  /// Ends the daemon.
  void stop() { line_.stop(); }

 private:
  using Clock = std::chrono::steady_clock;
  void look();
  bool may_start_again();
  Result<void> start_again();

  Assembly& assembly_;
  helper::DaemonLine line_;
  pid_t init_;
  const sys::PidFd* process_;
  sys::PidFd none_;
  int starts_ = 0;  // of those that did not last
  Clock::time_point since_ = Clock::now();
};

}  // namespace wolffia::cli::user
