// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fuse.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "overlay/confine.hpp"
#include "sys/allow_list.hpp"
#include "sys/directory.hpp"

namespace wolffia::overlay {
namespace {

// Nothing here starts a program, reaches another process or a network, mounts, or changes ids.

/// Requests and answers: read, or spliced through pipes by libfuse.
constexpr int kRequests[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_splice, SYS_vmsplice, SYS_pipe2, SYS_close,
};

/// Contents of files, of their holes and of listings.
constexpr int kContents[] = {
    SYS_openat,    SYS_pread64,         SYS_pwrite64,   SYS_preadv,    SYS_pwritev,
    SYS_lseek,     SYS_copy_file_range, SYS_sendfile,   SYS_fallocate, SYS_ftruncate,
    SYS_fsync,     SYS_fdatasync,       SYS_syncfs,     SYS_fadvise64, SYS_getdents64,
    SYS_fstatfs,   SYS_statfs,          SYS_statx,      SYS_fstat,     SYS_newfstatat,
    SYS_faccessat, SYS_faccessat2,      SYS_readlinkat,
};

/// Names: made, removed and moved.
constexpr int kNames[] = {
    SYS_mkdirat, SYS_mknodat, SYS_symlinkat, SYS_linkat, SYS_unlinkat, SYS_renameat2, SYS_umask,
};

/// Owners, modes, times and extended attributes; some are changed by a path in /proc/self/fd.
constexpr int kAttributes[] = {
    sys::kFchmodat2, SYS_fchmod,       SYS_fchmodat,     SYS_fchown,     SYS_fchownat,
    SYS_utimensat,   SYS_getxattr,     SYS_lgetxattr,    SYS_fgetxattr,  SYS_setxattr,
    SYS_lsetxattr,   SYS_fsetxattr,    SYS_listxattr,    SYS_llistxattr, SYS_flistxattr,
    SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
};

/// Memory, threads, signals and clocks of the C library.
constexpr int kLibrary[] = {
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_futex,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_exit,
    SYS_exit_group,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigtimedwait,
    SYS_sigaltstack,
    SYS_gettid,
    SYS_getpid,
    SYS_getppid,
    SYS_geteuid,
    SYS_getegid,
    SYS_getuid,
    SYS_getgid,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_restart_syscall,
    SYS_getrandom,
    SYS_ppoll,
    SYS_eventfd2,
    SYS_gettimeofday,
};

/// The names that older processors have beside the ones above.
constexpr int kOlder[] = {
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef SYS_chmod
    SYS_chmod,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#if defined(__SANITIZE_THREAD__) && defined(SYS_open)  // which writes its reports with them
    SYS_open,     SYS_stat, SYS_lstat, SYS_readlink, SYS_getdents,
#endif
    SYS_ppoll,
};

/// What operations.cpp passes on, sharing of blocks, and a descriptor of /dev/fuse for each thread.
constexpr std::array<uint32_t, 7> kControls{FS_IOC_GETVERSION, FS_IOC_GETFLAGS,   FS_IOC_SETFLAGS,
                                            FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR, FICLONE,
                                            FUSE_DEV_IOC_CLONE};

/// Not the commands that send signals to others: F_SETOWN, F_SETSIG, F_NOTIFY.
constexpr std::array<uint32_t, 11> kDescriptors{F_DUPFD,     F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,
                                                F_GETFL,     F_SETFL,         F_GETLK,     F_SETLK,
                                                F_OFD_SETLK, F_SETPIPE_SZ,    F_GETPIPE_SZ};

}  // namespace

Result<void> forbid_system_calls() {
  sys::AllowList list;
  list.allow(kRequests);
  list.allow(kContents);
  list.allow(kNames);
  list.allow(kAttributes);
  list.allow(kLibrary);
  list.allow(kOlder);
  list.allow_values(SYS_ioctl, 1, kControls);
  list.allow_values(SYS_fcntl, 1, kDescriptors);
  list.allow_values(SYS_prctl, 0, std::array<uint32_t, 1>{PR_SET_NAME});
  list.allow_values(SYS_unshare, 0, std::array<uint32_t, 1>{CLONE_FS});  // a thread's own umask
  list.allow_values(SYS_tgkill, 0, std::array{static_cast<uint32_t>(::getpid())});  // abort(3)
  list.allow_values(SYS_prlimit64, 2, std::array<uint32_t, 1>{0});  // to read, not to set
  // Its flags lie in memory, where a filter cannot look: the C library then asks clone(2).
  list.refuse(SYS_clone3, ENOSYS);
  list.allow_with_all(SYS_clone, 0, CLONE_THREAD | CLONE_VM);
  list.allow_with_none(SYS_mmap, 2, PROT_EXEC);
  list.allow_with_none(SYS_mprotect, 2, PROT_EXEC);
  return list.install(SECCOMP_FILTER_FLAG_TSYNC);
}

}  // namespace wolffia::overlay
