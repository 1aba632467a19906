// SPDX-License-Identifier: Apache-2.0
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cstddef>
#include <vector>

#include "image/layer/confine.hpp"
#include "sys/seccomp.hpp"

namespace wolffia::image {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr uint32_t kArchitecture = AUDIT_ARCH_RISCV64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_PPC64LE;
#else
#error "say here which AUDIT_ARCH this processor is"
#endif

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

constexpr uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;

sock_filter load(size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}

sock_filter answer(uint32_t action) {
  return BPF_STMT(BPF_RET | BPF_K, action);
}

/// The low half of argument `index`, as the kernel reads flags.
sock_filter load_argument(size_t index) {
  constexpr size_t kLowHalf = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4;
  return load(offsetof(seccomp_data, args) + index * sizeof(uint64_t) + kLowHalf);
}

/// Call `number` only with all of `bits` in argument `index` (wanted), or with none of them.
void add_checked(std::vector<sock_filter>& program, int number, size_t index, uint32_t bits,
                 bool wanted) {
  const sock_filter rows[] = {
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 5),
      load_argument(index),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, wanted ? bits : 0, 0, 1),
      answer(SECCOMP_RET_ALLOW),
      answer(kRefuse),
  };
  program.insert(program.end(), std::begin(rows), std::end(rows));
}

}  // namespace

Result<void> forbid_system_calls() {
  std::vector<sock_filter> program{
      load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      answer(SECCOMP_RET_KILL_PROCESS),
      load(offsetof(seccomp_data, nr)),
  };
  for (const int number : kAllowed) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 1));
    program.push_back(answer(SECCOMP_RET_ALLOW));
  }
  // Its flags lie in memory, where a filter cannot look: the C library then asks clone(2).
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1));
  program.push_back(answer(SECCOMP_RET_ERRNO | ENOSYS));
  add_checked(program, SYS_clone, 0, CLONE_THREAD | CLONE_VM, true);
  add_checked(program, SYS_mmap, 2, PROT_EXEC, false);
  add_checked(program, SYS_mprotect, 2, PROT_EXEC, false);
  program.push_back(answer(kRefuse));
  return sys::install_filter(program, 0);
}

}  // namespace wolffia::image
