// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"

namespace wolffia::overlay {

/// Locks the daemon in for good, before it reads its first request: no new privileges, of its
/// capabilities those that owners and modes of files take, and of system calls those that serving
/// takes. A daemon of a user namespace with one id keeps no capability.
/// Precondition: the process has one thread.
/// Errors: of the step that failed; then nothing may be served.
Result<void> confine();

/// The last step of confine(). Source: seccomp(2).
Result<void> forbid_system_calls();

}  // namespace wolffia::overlay
