// SPDX-License-Identifier: Apache-2.0
#include "sys/seccomp.hpp"

#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace wolffia::sys {

Result<void> install_filter(std::span<const sock_filter> program, unsigned flags) {
  if (!std::in_range<unsigned short>(program.size()))
    return Error::because(EINVAL, cat("a filter of ", program.size(), " instructions is too long"));
  // The kernel only reads; sock_fprog lacks the const.
  const sock_fprog code{.len = static_cast<unsigned short>(program.size()),
                        .filter = const_cast<sock_filter*>(program.data())};
  const long done = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &code);
  if (done < 0) return Error::last("seccomp");
  // With TSYNC a positive value is a thread that could not be synchronised: nothing was installed.
  if (done > 0) return Error::because(EBUSY, cat("seccomp: thread ", done, " has other filters"));
  return {};
}

Result<bool> knows_seccomp_action(uint32_t action) {
  if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0) return true;
  if (errno == EOPNOTSUPP) return false;
  return Error::last("seccomp");
}

}  // namespace wolffia::sys
