// SPDX-License-Identifier: Apache-2.0
#include "sys/children.hpp"

#include <sys/wait.h>

namespace wolffia::sys {

Result<pid_t> ended_child() {
  siginfo_t info{};
  if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0) return info.si_pid;
  if (errno == ECHILD) return pid_t{0};
  return Error::last("waitid");
}

Result<void> reap(pid_t child) {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG) < 0)
    return Error::last("waitid");
  return {};
}

Result<bool> reap_next() {
  siginfo_t info{};
  while (::waitid(P_ALL, 0, &info, WEXITED) < 0) {
    if (errno == ECHILD) return false;
    if (errno != EINTR) return Error::last("waitid");
  }
  return true;
}

}  // namespace wolffia::sys
