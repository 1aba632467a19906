// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <string>

#include "cli/user/attempt.hpp"

namespace wolffia::cli::user {

/// The network of a container that runs: when its daemon dies another serves the same namespace.
/// How often that was and what kept it from going on are in the container's record.
class NetworkCare {
 public:
  /// `line` is for the daemon, whether there will be one or not.
  NetworkCare(Assembly& assembly, helper::DaemonLine& line) : assembly_(assembly), line_(line) {}

  /// The daemon as a process, for poll(2); empty: there is none, or none any more. Called when
  /// nobody can start it any more.
  const sys::PidFd& process();

  /// Called when it may have ended: a sentence for whoever reads what the program writes; empty: it
  /// did not, or ended well. Waits until another serves, for some seconds at most.
  std::string replace_dead();

  /// Ends the daemon. The program has ended too: where the daemon was dead, a sentence.
  std::string stop();

 private:
  using Clock = std::chrono::steady_clock;
  bool may_start_again();
  Result<void> start_again();

  Assembly& assembly_;
  helper::DaemonLine& line_;
  const sys::PidFd* process_ = nullptr;  // not known yet
  sys::PidFd none_;
  int starts_ = 0;  // of those that did not last
  Clock::time_point since_ = Clock::now();
};

}  // namespace wolffia::cli::user
