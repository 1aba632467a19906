// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <signal.h>

#include <string_view>

#include "base/result.hpp"

namespace wolffia::sys {

/// Ignores SIGPIPE while it lives, so that a write to a reader that left is EPIPE.
class IgnoreSigpipe {
 public:
  IgnoreSigpipe();
  ~IgnoreSigpipe();
  IgnoreSigpipe(const IgnoreSigpipe&) = delete;
  IgnoreSigpipe& operator=(const IgnoreSigpipe&) = delete;

 private:
  struct sigaction before_ {};
};

/// Gives every signal its default action and unblocks all, as a new program expects them.
/// `status` is the text of /proc/self/status: only what SigIgn and SigCgt name costs a call.
Result<void> reset_signals(std::string_view status);

}  // namespace wolffia::sys
