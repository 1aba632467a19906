// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <asm/unistd.h>

/// System calls without a C library, so that a process has a page of data and a page of stack.
/// Where neither is written down for a processor, the C library does both (WOLFFIA_INIT_LIBC).
namespace wolffia::init {

/// The program; what it returns is the exit status.
int run(int argc, char** argv, char** environment);

#if defined(WOLFFIA_INIT_LIBC)

/// Source: syscall(2).
long call(long number, long a = 0, long b = 0, long c = 0, long d = 0);

#elif defined(__x86_64__)

/// Returns what the kernel does: a negative errno value where it failed. Source: syscall(2), the
/// table "Architecture calling conventions".
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
  register long r10 asm("r10") = d;
  long result = number;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a), "S"(b), "d"(c), "r"(r10)
               : "rcx", "r11", "memory");
  return result;
}

// The kernel leaves argc, argv and the environment on the stack. Source: System V ABI,
// AMD64, 3.4.1.
asm(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call "
    "wolffia_start\n");

#elif defined(__aarch64__)

inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}

asm(".globl _start\n_start:\n mov x29, #0\n mov x30, #0\n mov x0, sp\n bl wolffia_start\n");

#endif

/// An address as system calls take it.
inline long address(const void* pointer) {
  return reinterpret_cast<long>(pointer);
}

}  // namespace wolffia::init
