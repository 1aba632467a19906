// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/process_facts.hpp"

/// Which process is meant. A pid alone is not an identity: it is reused. A pid with its start time
/// is one until the machine restarts, and the boot id tells that. The wall clock has no part in it.
namespace wolffia::container {

struct Identity {
  pid_t pid = 0;
  uint64_t start_time = 0;  // clock ticks since boot: field 22 of /proc/PID/stat; 0: was hidden
  std::string boot_id;      // of /proc/sys/kernel/random; empty where that is hidden
  friend bool operator==(const Identity&, const Identity&) = default;
};

using sys::parse_stat;
using sys::ProcessFacts;
using sys::read_boot_id;
using sys::read_facts;

/// Identifies the running process `pid`, a child of ours that has not been waited for.
Result<Identity> identify(pid_t pid);

/// The facts of `identity`'s process. Errors: ESRCH when it is gone, a zombie, or of an earlier
/// boot.
Result<ProcessFacts> facts_of(const Identity& identity);

/// A process held by its descriptor, and what it was seen to be after that was opened.
struct OpenedProcess {
  sys::PidFd pidfd;
  ProcessFacts facts;
};

/// The process of `identity`, proven by its start time after the descriptor was opened, so that
/// what is sent to it cannot hit another. Errors: as facts_of().
Result<OpenedProcess> open_process(const Identity& identity);

/// One line, as the recovery traces hold it: "wolffia 1 PID START BOOTID".
std::string encode_identity(const Identity& identity);

/// Errors: EINVAL for anything encode_identity() cannot have written.
Result<Identity> decode_identity(std::string_view line);

}  // namespace wolffia::container
