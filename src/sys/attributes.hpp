// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Attributes of the calling process that survive execve. All by raw system calls on this thread.
namespace wolffia::sys {

/// Whether others may ptrace us and open our /proc files. Source: PR_SET_DUMPABLE.
Result<void> set_dumpable(bool dumpable);

Result<void> forbid_new_privileges();  // PR_SET_NO_NEW_PRIVS
Result<void> set_subreaper();          // PR_SET_CHILD_SUBREAPER

/// Real, effective and saved ids at once. Source: setresuid(2), setresgid(2).
Result<void> set_user(uint32_t uid);
Result<void> set_group(uint32_t gid);
Result<void> set_groups(std::span<const uint32_t> groups);  // setgroups(2)

/// `resource` is RLIMIT_*; UINT64_MAX means no limit. Source: prlimit(2).
Result<void> set_rlimit(int resource, uint64_t soft, uint64_t hard);
/// As much of `resource` as may be had without privileges.
Result<void> raise_rlimit(int resource);

/// Source: personality(2).
Result<void> set_personality(uint64_t persona);

/// Source: ioprio_set(2); `io_class` is IOPRIO_CLASS_*, `priority` 0 to 7.
Result<void> set_io_priority(int io_class, int priority);

/// What sched_setattr(2) takes, in its units: `nice` from -20 to 19, times in nanoseconds.
struct Schedule {
  uint32_t policy = 0;  // SCHED_*
  uint64_t flags = 0;   // SCHED_FLAG_*
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime = 0, deadline = 0, period = 0;
};

/// Errors: EPERM for a policy or a nice value that needs a privilege; EINVAL, EBUSY where the
/// kernel has no room for the times. Source: sched_setattr(2).
Result<void> set_scheduler(const Schedule& schedule);

/// The CPUs that the process may run on, as words of bits. Errors: EINVAL where it may use none of
/// them. Source: sched_setaffinity(2).
Result<void> set_cpus(std::span<const uint64_t> cpus);

/// MPOL_* with MPOL_F_*, for memory that is not there yet. Errors: EINVAL for nodes that the
/// machine or the mode does not have; ENOSYS without NUMA. Source: set_mempolicy(2).
Result<void> set_memory_policy(unsigned mode, std::span<const uint64_t> nodes);

/// Puts the process into a new session keyring. Source: KEYCTL_JOIN_SESSION_KEYRING.
/// Errors: ENOSYS without key support; EDQUOT when the user has too many keys.
Result<void> join_session_keyring(const char* name);

/// Closes every descriptor from `first` to `last`. Source: close_range(2), Linux 5.9.
Result<void> close_between(int first, int last);

/// The same one by one, up to the highest number the limits allow; for older kernels.
Result<void> close_each(int first, int last);

}  // namespace wolffia::sys
