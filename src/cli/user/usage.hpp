// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/user/record.hpp"
#include "sys/process_usage.hpp"

namespace wolffia::cli::user {

/// What the processes of a container take. There is no cgroup of its own to ask: it is summed over
/// its processes in /proc.
struct Usage {
  uint64_t cpu_ticks = 0;       // of those that run, and of all they have waited for
  uint64_t run_ticks = 0;       // since its first process was started
  uint64_t memory = 0;          // bytes
  bool shared_in_parts = true;  // memory is PSS; else RSS, where we may not look closer
  size_t processes = 0;
  std::optional<sys::BlockUsage> block;  // nullopt: we may not look
  std::optional<sys::NetUsage> net;      // nullopt: it has the host's network
};

/// Errors: ESRCH when it has ended.
Result<Usage> measure(const Known& known);

/// Percent of one processor: of what `now` took since `before`, or since its start.
double cpu_percent(const Usage& now, const Usage* before);

/// "12.34".
std::string percent_text(double percent);

}  // namespace wolffia::cli::user
