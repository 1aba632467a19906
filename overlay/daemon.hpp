// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include "overlay/claim.hpp"
#include "overlay/command_line.hpp"
#include "sys/fd.hpp"

namespace wolffia::overlay {

/// What the daemon tells its keeper, a byte each.
enum class Word : char {
  Mounted = 'M',
  Served = 'S',  // a request was answered
  Asked = 'T',   // somebody wants the mount to end
  Failed = 'E',  // the rest, up to the end, is the sentence that says why
};

/// The process that opens the layers, mounts, confines itself and serves. It tells `report` how it
/// fares, and keeps `claim` open. Ends with status 0 when the mount is gone.
[[noreturn]] void run_daemon(const CommandLine& line, const sys::Fd& report, const Claim& claim,
                             pid_t keeper) noexcept;

}  // namespace wolffia::overlay
