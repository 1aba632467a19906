// SPDX-License-Identifier: Apache-2.0
#include "sys/seccomp.hpp"

#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace wolffia::sys {

namespace {

/// What seccomp(2) returns, which is not negative.
Result<int> set_filter(std::span<const sock_filter> program, unsigned flags) {
  if (!std::in_range<unsigned short>(program.size()))
    return Error::because(EINVAL, cat("a filter of ", program.size(), " instructions is too long"));
  // The kernel only reads; sock_fprog lacks the const.
  const sock_fprog code{.len = static_cast<unsigned short>(program.size()),
                        .filter = const_cast<sock_filter*>(program.data())};
  const long done = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &code);
  if (done < 0) return Error::last("seccomp");
  return static_cast<int>(done);
}

}  // namespace

Result<void> install_filter(std::span<const sock_filter> program, unsigned flags) {
  const int done = TRY(set_filter(program, flags));
  // With TSYNC a positive value is a thread that could not be synchronised: nothing was installed.
  if (done > 0) return Error::because(EBUSY, cat("seccomp: thread ", done, " has other filters"));
  return {};
}

Result<Fd> install_filter_with_listener(std::span<const sock_filter> program, unsigned flags) {
  auto done = set_filter(program, flags);
  if (done) return Fd(*done);
  if (!done.error().is(EBUSY)) return std::move(done).error();
  return Error::because(EBUSY,
                        "seccomp: a filter around this container has a listener already, and the "
                        "kernel allows one");
}

Result<bool> knows_seccomp_action(uint32_t action) {
  if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0) return true;
  if (errno == EOPNOTSUPP) return false;
  return Error::last("seccomp");
}

bool knows_seccomp_flags(unsigned flags) {
  const void* const nothing = nullptr;
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, nothing) < 0 && errno == EFAULT;
}

}  // namespace wolffia::sys
