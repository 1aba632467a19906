// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include "base/result.hpp"

/// The children of this process, adopted ones included, by pid: a child's pid is its own until it
/// is reaped, and only we reap it.
namespace wolffia::sys {

/// A child that has ended and was not reaped; 0: none. Source: waitid(2) with WNOWAIT.
Result<pid_t> ended_child();

/// Reaps an ended child. Source: waitid(2).
Result<void> reap(pid_t child);

/// Waits for any child to end and reaps it; false when there are none. Source: waitid(2).
Result<bool> reap_next();

}  // namespace wolffia::sys
