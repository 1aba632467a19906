// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// What processes take and who they are, as /proc tells it. Source of all: proc(5).
namespace wolffia::sys {

/// Clock ticks are those of ticks_per_second().
struct ProcessUsage {
  uint64_t own_ticks = 0;     // user and system
  uint64_t reaped_ticks = 0;  // the same of children it has waited for
  uint64_t start_time = 0;    // ticks since boot
  uint64_t resident = 0;      // bytes
  uint32_t terminal = 0;      // device number; 0: none
};

/// Of the text of /proc/PID/stat. Errors: EINVAL.
Result<ProcessUsage> parse_usage(std::string_view stat);
/// Errors: ENOENT or ESRCH when there is no such process.
Result<ProcessUsage> read_usage(pid_t pid);

uint64_t ticks_per_second();
/// Ticks since the machine was started, as start times count. Errors: where /proc/uptime is hidden.
Result<uint64_t> ticks_since_boot();

/// What stands behind `name` and a colon at the beginning of a line, without blanks around it;
/// empty: no such line.
std::string_view line_value(std::string_view text, std::string_view name);

/// Its share of the memory it has, in bytes: pages of several count in parts. Errors: EACCES where
/// we may not look.
Result<uint64_t> read_proportional(pid_t pid);

/// Bytes that were fetched from storage or were to be written to it, with those of children it has
/// waited for.
struct BlockUsage {
  uint64_t read = 0, written = 0;
};
/// Errors: EACCES where we may not look.
Result<BlockUsage> read_block_usage(pid_t pid);

/// Bytes through all interfaces of its network but the loopback.
struct NetUsage {
  uint64_t received = 0, sent = 0;
};
NetUsage parse_net_usage(std::string_view dev);
Result<NetUsage> read_net_usage(pid_t pid);

/// Who it is, in its innermost pid namespace, and in our user namespace.
struct ProcessIdentity {
  pid_t inner_pid = 0;
  pid_t parent = 0;  // in our pid namespace
  uint32_t uid = 0;  // effective
  std::string name;  // 15 characters at most
};
Result<ProcessIdentity> parse_identity(std::string_view status);
Result<ProcessIdentity> read_identity(pid_t pid);

/// Its command line; empty for a kernel thread or a zombie.
Result<std::vector<std::string>> read_command(pid_t pid);

/// Whether two processes have one network. Errors: EACCES where we may not look.
Result<bool> share_network(pid_t one, pid_t other);

}  // namespace wolffia::sys
