// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// System calls that a filter tells of before they are made, and what is answered to them.
/// Source: seccomp_unotify(2), Linux 5.0.
namespace wolffia::sys {

struct Notification {
  uint64_t id = 0;
  pid_t thread = 0;           // as we count; 0: it cannot be seen from here
  int call = 0;               // SYS_* of `architecture`
  uint32_t architecture = 0;  // AUDIT_ARCH_*
  std::array<uint64_t, 6> arguments{};
};

/// The next one; none where the thread was killed meanwhile.
Result<std::optional<Notification>> receive_notification(const Fd& listener);

/// Whether the thread still waits: only then was what was read of it its own.
bool is_waiting(const Fd& listener, const Notification& notification);

/// The call is not made: it returns 0, or fails with `error`. One that no longer waits is no error.
Result<void> answer(const Fd& listener, const Notification& notification, int error);

/// The call is made as if nobody had been told. Its arguments may have changed since then.
/// Source: SECCOMP_USER_NOTIF_FLAG_CONTINUE, Linux 5.5. Errors: EINVAL on older kernels.
Result<void> let_go_on(const Fd& listener, const Notification& notification);

/// The text that ends in a zero byte at `address` of the memory of `thread`.
/// Errors: EFAULT; ENAMETOOLONG where it is not shorter than `limit`; EPERM.
/// Source: process_vm_readv(2).
Result<std::string> read_text_of(pid_t thread, uint64_t address, size_t limit);

}  // namespace wolffia::sys
