// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/filter.h>

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::sys {

/// Puts `program` in front of every further system call of the calling thread and of what it
/// executes. `flags`: SECCOMP_FILTER_FLAG_*. Source: seccomp(2), Linux 3.17; LOG 4.14,
/// SPEC_ALLOW 4.17. Errors: EACCES without no_new_privs or CAP_SYS_ADMIN; EINVAL for a program or
/// a flag the kernel does not take; ENOMEM when all filters together grow too long.
Result<void> install_filter(std::span<const sock_filter> program, unsigned flags);

/// The same with SECCOMP_FILTER_FLAG_NEW_LISTENER in `flags`: returns what tells of the calls that
/// the program answers SECCOMP_RET_USER_NOTIF to. Source: seccomp_unotify(2), Linux 5.0. Errors:
/// EBUSY where a filter around us has a listener already.
Result<Fd> install_filter_with_listener(std::span<const sock_filter> program, unsigned flags);

/// Whether the kernel knows `action` (SECCOMP_RET_*); one it does not know kills.
/// Source: seccomp(2), SECCOMP_GET_ACTION_AVAIL, Linux 4.14.
Result<bool> knows_seccomp_action(uint32_t action);

/// Whether the kernel takes `flags` (SECCOMP_FILTER_FLAG_*) together; nothing is installed.
/// Source: seccomp(2), SECCOMP_SET_MODE_FILTER: flags are looked at before the filter is read.
bool knows_seccomp_flags(unsigned flags);

}  // namespace wolffia::sys
