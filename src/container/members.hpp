// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "container/state.hpp"
#include "sys/fd.hpp"

/// The processes of a container, found through /proc. Without a cgroup of its own that is exact
/// only where the container has its own pid namespace; else it is init's family.
namespace wolffia::container {

/// A process as it was seen: pid and start time, so that another one with its pid is not taken for
/// it.
struct Member {
  pid_t pid;
  uint64_t start_time;
};

/// Every process in init's pid namespace, or, where that is not the container's own or cannot be
/// looked into, init and its descendants; ascending.
Result<std::vector<Member>> members(const State& state);

/// `pid` and its descendants.
Result<std::vector<Member>> family(pid_t pid);

/// Errors: ESRCH when the process has ended.
Result<sys::PidFd> open_member(const Member& member);

/// Kills `process` and waits until it is gone. Killing the init of a pid namespace ends all in it.
/// Errors: EBUSY when it does not die, as in an uninterruptible wait.
Result<void> end_process(const sys::PidFd& process);

/// Kills `process` and its descendants. All are stopped before the first is killed, so that none is
/// born, or changes its parent, unseen.
Result<void> end_family(const sys::PidFd& process, pid_t pid);

}  // namespace wolffia::container
