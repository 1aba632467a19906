// SPDX-License-Identifier: Apache-2.0
// Usage: syscalls native|x32|i386 FIRST LAST
// Calls every number of the range with senseless arguments and prints "NUMBER ERRNO" for each (0
// for one that succeeded). Meant for a seccomp filter that lets nothing through but what is skipped
// here.
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

namespace {

constexpr long kX32 = 0x40000000;  // __X32_SYSCALL_BIT of asm/unistd.h

// What a static program needs to start, print and end: never called, allowed by the filter of the
// test.
constexpr long kNeeded[] = {
    SYS_read,       SYS_write,      SYS_fstat,           SYS_mmap,      SYS_mprotect,
    SYS_munmap,     SYS_brk,        SYS_rt_sigreturn,    SYS_ioctl,     SYS_execve,
    SYS_exit,       SYS_readlink,   SYS_arch_prctl,      SYS_futex,     SYS_set_tid_address,
    SYS_exit_group, SYS_newfstatat, SYS_set_robust_list, SYS_prlimit64, SYS_getrandom,
    SYS_rseq,       SYS_readlinkat,
};

// The same names in the table of 32-bit programs, and sigreturn, which may return anywhere.
constexpr long kNeededI386[] = {1,   3,   4,   11,  45,  54,  85,  90,  91,  106, 108, 119, 125,
                                173, 192, 197, 240, 252, 258, 300, 305, 311, 340, 355, 384, 386};

// The kernel lets these two pass every filter: they belong to its own probes and end whoever else
// makes them. Source: kernel/seccomp.c, seccomp_uprobe_exception(), Linux 6.14.
constexpr long kOfProbes[] = {335, 336};

bool is_in(std::span<const long> numbers, long number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

/// A system call of the 32-bit table, made from a 64-bit program.
long call_i386(long number) {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(-1L), "c"(-1L), "d"(-1L) : "memory");
  return result < 0 && result > -4096 ? -result : 0;
}

long call_native(long number) {
  errno = 0;
  return ::syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) == -1 ? errno : 0;
}

}  // namespace

int main(int argc, char** argv) {
  static char buffer[1 << 16];
  std::setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  if (argc != 4) return 2;
  const bool i386 = std::strcmp(argv[1], "i386") == 0;
  const long bit = std::strcmp(argv[1], "x32") == 0 ? kX32 : 0;
  for (long number = std::atol(argv[2]); number <= std::atol(argv[3]); ++number) {
    if (is_in(i386 ? std::span<const long>(kNeededI386) : std::span<const long>(kNeeded), number) ||
        is_in(kOfProbes, number))
      continue;
    std::printf("%ld %ld\n", number, i386 ? call_i386(number) : call_native(number | bit));
  }
  std::fflush(stdout);
}
