// SPDX-License-Identifier: Apache-2.0
#include "cli/user/owners/confine.hpp"

#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <array>

#include "sys/allow_list.hpp"
#include "sys/attributes.hpp"
#include "sys/caps.hpp"

namespace wolffia::cli::user::owners {
namespace {

constexpr uint64_t bit(int capability) {
  return uint64_t{1} << capability;
}

/// To see what the caller sees (SYS_CHROOT, SYS_PTRACE), whatever its files' modes are.
constexpr uint64_t kKept = bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_DAC_READ_SEARCH) |
                           bit(CAP_FOWNER) | bit(CAP_SYS_CHROOT) | bit(CAP_SYS_PTRACE);

/// Listeners and who brings them; the callers' memory and descriptors; files and their notes.
constexpr int kWork[] = {
    SYS_ppoll,  SYS_accept4, SYS_recvmsg,   SYS_read,       SYS_process_vm_readv, SYS_openat,
    SYS_close,  SYS_fstat,   SYS_statx,     SYS_newfstatat, SYS_fstatfs,          SYS_chroot,
    SYS_fchdir, SYS_fchown,  SYS_fgetxattr, SYS_fsetxattr,  SYS_fremovexattr,     SYS_unlinkat,
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef __SANITIZE_ADDRESS__
    SYS_pipe2,  SYS_write,  // sanitizers try by them whether memory is there
#endif
};

/// Memory and the end.
constexpr int kLibrary[] = {
    SYS_munmap,         SYS_mremap,
    SYS_madvise,        SYS_brk,
    SYS_futex,          SYS_exit,
    SYS_exit_group,     SYS_rt_sigreturn,
    SYS_rt_sigprocmask, SYS_restart_syscall,
    SYS_getrandom,      SYS_clock_gettime,
    SYS_getpid,         SYS_gettid,
    SYS_sched_yield,    SYS_sigaltstack,
};

constexpr std::array<uint32_t, 3> kControls{static_cast<uint32_t>(SECCOMP_IOCTL_NOTIF_RECV),
                                            static_cast<uint32_t>(SECCOMP_IOCTL_NOTIF_SEND),
                                            static_cast<uint32_t>(SECCOMP_IOCTL_NOTIF_ID_VALID)};

}  // namespace

Result<void> confine() {
  if ((TRY(sys::effective_capabilities()) & bit(CAP_SETPCAP)) != 0) TRY(sys::limit_bounding(kKept));
  TRY(sys::set_ambient(0));
  const uint64_t kept = TRY(sys::effective_capabilities()) & kKept;
  TRY(sys::set_capabilities(kept, kept, 0));
  TRY(sys::forbid_new_privileges());
  sys::AllowList list;
  list.allow(kWork);
  list.allow(kLibrary);
  list.allow_values(SYS_ioctl, 1, kControls);
  list.allow_with_none(SYS_mmap, 2, PROT_EXEC);
  list.allow_with_none(SYS_mprotect, 2, PROT_EXEC);
  return list.install(0);
}

}  // namespace wolffia::cli::user::owners
