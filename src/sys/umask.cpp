// SPDX-License-Identifier: Apache-2.0
#include "sys/umask.hpp"

#include <sched.h>
#include <sys/stat.h>

namespace wolffia::sys {

Result<void> set_thread_umask(mode_t mask) {
  static thread_local bool own = false;
  static thread_local mode_t now = 0;
  if (!own) {
    if (::unshare(CLONE_FS) < 0) return Error::last("unshare");
    own = true;
    now = ~mask;
  }
  if (now != mask) ::umask(mask);
  now = mask;
  return {};
}

}  // namespace wolffia::sys
