// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "net/confine.hpp"
#include "sys/allow_list.hpp"

namespace wolffia::net {
namespace {

// Nothing here starts a program or a thread, names a file to write, reaches another process,
// mounts, or changes ids.

/// Connections, and frames.
constexpr int kTraffic[] = {
    SYS_read,        SYS_write,     SYS_readv,       SYS_writev,     SYS_recvmmsg,
    SYS_recvfrom,    SYS_recvmsg,   SYS_bind,        SYS_listen,     SYS_accept4,
    SYS_accept,      SYS_shutdown,  SYS_getsockopt,  SYS_setsockopt, SYS_getsockname,
    SYS_getpeername, SYS_epoll_ctl, SYS_epoll_pwait, SYS_splice,     SYS_pipe2,
};

/// Connections for another process, its ports of UDP, and the host's addresses: net/connector.
constexpr int kConnectsAlone[] = {
    SYS_connect,     SYS_getsockopt, SYS_recvmsg,     SYS_sendmsg,     SYS_sendto,
    SYS_recvfrom,    SYS_close,      SYS_bind,        SYS_setsockopt,  SYS_epoll_ctl,
    SYS_epoll_pwait, SYS_socketpair, SYS_getsockname, SYS_getpeername,
};

/// Sockets with marks, packets that bring them, and the rules to be taken away: net/socket_maker.
constexpr int kSocketsAlone[] = {SYS_setsockopt, SYS_sendmsg, SYS_sendto, SYS_recvfrom, SYS_close};

/// libslirp looks for name servers, in a root that has no other file; that is written anew.
constexpr int kResolver[] = {SYS_newfstatat, SYS_fstat, SYS_lseek, SYS_ftruncate, SYS_pwrite64};

/// Memory, signals and clocks of the C library.
constexpr int kLibrary[] = {
    SYS_munmap,         SYS_mremap,        SYS_madvise,      SYS_brk,
    SYS_futex,          SYS_exit,          SYS_exit_group,   SYS_rt_sigaction,
    SYS_rt_sigprocmask, SYS_rt_sigreturn,  SYS_sigaltstack,  SYS_gettid,
    SYS_getpid,         SYS_clock_gettime, SYS_gettimeofday, SYS_restart_syscall,
    SYS_getrandom,
};

/// The names that older processors have beside the ones above.
constexpr int kOlder[] = {
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
#ifdef SYS_stat
    SYS_stat,
#endif
#if defined(__SANITIZE_ADDRESS__)  // which asks the kernel whether it may read what it looks at
    SYS_pipe2,       SYS_readlinkat,
#ifdef SYS_pipe
    SYS_pipe,        SYS_readlink,
#endif
#endif
    SYS_epoll_pwait,
};

constexpr std::array<uint32_t, 2> kFamilies{AF_INET, AF_INET6};
constexpr std::array<uint32_t, 3> kControls{FIONREAD, FIONBIO, SIOCGIFHWADDR};
constexpr std::array<uint32_t, 5> kDescriptors{F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_SETPIPE_SZ};

/// What the C library needs for itself.
void allow_library(sys::AllowList& list) {
  list.allow(kLibrary);
  list.allow(kOlder);
  list.allow_values(SYS_tgkill, 0, std::array{static_cast<uint32_t>(::getpid())});  // abort(3)
  list.allow_with_none(SYS_mmap, 2, PROT_EXEC);
  list.allow_with_none(SYS_mprotect, 2, PROT_EXEC);
}

}  // namespace

namespace {

void allow_traffic(sys::AllowList& list) {
  list.allow(kTraffic);
  list.allow(kResolver);
  allow_library(list);
  list.allow_values(SYS_socket, 0, kFamilies);
  list.allow_values(SYS_ioctl, 1, kControls);
  list.allow_values(SYS_fcntl, 1, kDescriptors);
  list.allow_with_none(SYS_openat, 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC);
}

}  // namespace

Result<void> forbid_system_calls() {
  sys::AllowList list;
  allow_traffic(list);
  list.allow(std::array{SYS_connect, SYS_close, SYS_sendto, SYS_sendmsg});
  return list.install(0);
}

/// What sends may not connect by the way: MSG_FASTOPEN in tcp(7). An address may be in what
/// sendmsg(2) points to, which no filter sees; so it is for one socket, whose number can be
/// nobody else's as there is no call that closes it.
Result<void> forbid_connects_too(int asker) {
  const auto number = static_cast<uint32_t>(asker);
  sys::AllowList list;
  allow_traffic(list);
  list.allow_with_null(SYS_sendto, 4, 3, MSG_FASTOPEN);
  list.allow_with_value(SYS_sendmsg, 0, number, 2, MSG_FASTOPEN);
  list.allow_unless(SYS_close, 0, number);
  return list.install(0);
}

Result<void> forbid_all_but_connects() {
  sys::AllowList list;
  list.allow(kConnectsAlone);
  list.allow_values(SYS_socket, 0, kFamilies);
  allow_library(list);
  return list.install(0);
}

Result<void> forbid_all_but_sockets() {
  sys::AllowList list;
  list.allow(kSocketsAlone);
  list.allow_values(SYS_socket, 0, kFamilies);
  allow_library(list);
  return list.install(0);
}

}  // namespace wolffia::net
