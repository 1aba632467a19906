// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "image/layer/confine.hpp"
#include "sys/allow_list.hpp"

namespace wolffia::image {
namespace {

/// What unpacking does, what threads and memory of the C library do, and nothing else: nothing that
/// starts a program, reaches another process or a network, or changes namespaces.
constexpr int kAllowed[] = {
    // the layer and the answer
    SYS_read,
    SYS_pread64,
    SYS_write,
    SYS_writev,
    SYS_pwrite64,
    SYS_close,
    SYS_lseek,
    SYS_ppoll,
    SYS_pipe2,
    SYS_fcntl,
    // files of the tree
    SYS_openat,
    SYS_fstat,
    SYS_newfstatat,
    SYS_statx,
    SYS_getdents64,
    SYS_mkdirat,
    SYS_mknodat,
    SYS_unlinkat,
    SYS_linkat,
    SYS_symlinkat,
    SYS_readlinkat,
    SYS_ftruncate,
    SYS_renameat2,
    // their metadata
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown,
    SYS_fchownat,
    SYS_utimensat,
    SYS_fsetxattr,
    SYS_fgetxattr,
    SYS_flistxattr,
    SYS_fremovexattr,
    // memory, threads, signals
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_futex,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_rt_sigprocmask,
    SYS_rt_sigaction,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_gettid,
    SYS_getpid,
    SYS_getrandom,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_restart_syscall,
    SYS_exit,
    SYS_exit_group,
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
};

}  // namespace

Result<void> forbid_system_calls() {
  sys::AllowList list;
  list.allow(kAllowed);
  // Its flags lie in memory, where a filter cannot look: the C library then asks clone(2).
  list.refuse(SYS_clone3, ENOSYS);
  list.allow_with_all(SYS_clone, 0, CLONE_THREAD | CLONE_VM);
  list.allow_with_none(SYS_mmap, 2, PROT_EXEC);
  list.allow_with_none(SYS_mprotect, 2, PROT_EXEC);
  return list.install(0);
}

}  // namespace wolffia::image
