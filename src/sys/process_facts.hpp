// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// What /proc says of processes, and which start of the machine this is.
namespace wolffia::sys {

/// What /proc/PID/stat says of a process.
struct ProcessFacts {
  pid_t parent = 0;
  uint64_t start_time = 0;
  bool zombie = false;
  bool stopped = false;  // by a signal or a tracer
  /// It has executed no program since it was forked: a container still waiting at its gate.
  bool never_executed = false;
};

/// The text of /proc/PID/stat. Source: proc(5).
/// Errors: EINVAL.
Result<ProcessFacts> parse_stat(std::string_view text);

/// Errors: ENOENT or ESRCH when there is no such process.
Result<ProcessFacts> read_facts(pid_t pid);

/// The boot id of this machine, or empty.
std::string read_boot_id();
/// Whether `text` could be a boot id.
bool is_boot_id(std::string_view text);

}  // namespace wolffia::sys
