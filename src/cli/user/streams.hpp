// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "cli/user/containers.hpp"
#include "cli/user/request.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli::user {

inline constexpr const char* kConsoleSocket = "console";

/// The supervisor's ends of what a program in the background reads and writes.
struct Streams {
  sys::Fd out;    // of a pipe, or the pty's master
  sys::Fd err;    // with a terminal only what the runtime has to say
  sys::Fd input;  // of a pipe, without blocking; empty: there is none, or it is the terminal
  sys::Fd peer;   // of the pty, held while the program runs
  bool terminal = false;
  bool interactive = false;
};

/// Standard streams that lead nowhere: nobody of the caller's stays connected.
Result<void> disconnect();

/// Makes the streams of one run of a program, in two steps around its start.
class StreamsInTheMaking {
 public:
  /// Makes the runtime's standard streams ours; what it starts inherits them.
  static Result<StreamsInTheMaking> make(const RunRequest& request, const ContainerDir& container);

  /// The runtime has ended: `started` tells whether the program runs.
  Result<Streams> finish(bool started) &&;

 private:
  Streams streams_;
  sys::Fd console_;  // where the runtime sends the pty
  const sys::Fd* directory_ = nullptr;
};

}  // namespace wolffia::cli::user
