// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cgroup/usage.hpp"
#include "cli/user/record.hpp"
#include "sys/process_usage.hpp"

namespace wolffia::cli::user {

/// What the processes of a container take: its cgroup says that where it has one that counts it;
/// else it is summed over its processes in /proc.
struct Usage {
  enum class Source : uint8_t {
    Pss,
    Rss,    // where we may not look closer
    Cgroup  // with what the kernel keeps of files for it
  };
  uint64_t cpu_microseconds = 0;  // of all that ran; in /proc, of those that run or were waited for
  uint64_t run_microseconds = 0;  // since its first process was started
  uint64_t memory = 0;            // bytes
  Source memory_source = Source::Pss;
  uint64_t processes = 0;
  std::optional<uint64_t> memory_limit, processes_limit;  // nullopt: none that a cgroup keeps
  std::optional<sys::BlockUsage> block;                   // nullopt: we may not look
  std::optional<sys::NetUsage> net;                       // nullopt: it has the host's network
};

/// Errors: ESRCH when it has ended.
Result<Usage> measure(const Known& known);

/// What `group` counts takes the place of what was summed.
void take_from(const cgroup::Usage& group, Usage& usage);

/// "pss", "rss" or "cgroup".
const char* source_name(Usage::Source source);

uint64_t microseconds(uint64_t ticks);

/// Percent of one processor: of what `now` took since `before`, or since its start.
double cpu_percent(const Usage& now, const Usage* before);

/// "12.34".
std::string percent_text(double percent);

}  // namespace wolffia::cli::user
