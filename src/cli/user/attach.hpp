// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/user/detach_keys.hpp"
#include "sys/fd.hpp"
#include "sys/signal.hpp"

namespace wolffia::cli::user {

/// How one is attached.
struct Attachment {
  sys::Fd connection;   // to the container's supervisor
  bool input = true;    // what we read is written to the program, if it takes input
  bool proxies = true;  // signals are for the program
  DetachKeys keys;
  std::optional<sys::HeldSignals> signals = {};  // held since before the connection was made
  /// Sends a signal to the program.
  std::function<void(int signal)> send;
};

/// Shows what the program writes, and passes on what we read, the size of our terminal, and
/// signals, until it ends. Returns its exit status; 0 after the detach keys; 128 and its number for
/// a signal that ended only us; nullopt where the connection ended before the program.
/// Errors: the supervisor's, a sentence.
Result<std::optional<int>> attach(Attachment attachment);

}  // namespace wolffia::cli::user
