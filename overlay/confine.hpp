// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::overlay {

/// The files that serving takes, by the directories that they are below.
struct Reachable {
  std::vector<const sys::Fd*> read;    // lower layers
  std::vector<const sys::Fd*> change;  // the upper layer and its working directory
  const char* device = nullptr;        // opened once more for each thread; null: it is not
};

/// Locks the daemon in for good, before it reads its first request: no new privileges, of its
/// capabilities those that owners and modes of files take, and of system calls those that serving
/// takes. A daemon of a user namespace with one id keeps no capability of owners.
/// Other files than the `reachable` ones can no longer be opened, made or removed, where the kernel
/// has Landlock of Linux 5.19.
/// Precondition: the process has one thread.
/// Errors: of the step that failed; then nothing may be served.
Result<void> confine(const Reachable& reachable);

/// The last step of confine(). Source: seccomp(2).
Result<void> forbid_system_calls();

}  // namespace wolffia::overlay
