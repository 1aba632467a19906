// SPDX-License-Identifier: Apache-2.0
// Stands in the root file system as /lib64/ld-linux-x86-64.so.2. When the container makes the
// runtime execute itself (/proc/self/exe), the kernel starts this in the runtime's name; it keeps a
// descriptor of the runtime's binary and hands it to /overwrite. No C library: a dynamic linker has
// to come without one.
#include <fcntl.h>
#include <sys/syscall.h>

namespace {

long call(long number, const void* a, const void* b, const void* c) {
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c)
               : "rcx", "r11", "memory");
  return result;
}

template <class Number>
const void* as_argument(Number number) {
  return reinterpret_cast<const void*>(static_cast<unsigned long>(number));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the linker's name for the entry
extern "C" [[noreturn]] void _start() {
  const long fd = call(SYS_open, "/proc/self/exe", as_argument(O_RDONLY), nullptr);
  // A descriptor is one digit here; none at all is told as a word.
  char number[2] = {fd < 0 ? '-' : static_cast<char>('0' + fd), '\0'};
  const char* arguments[] = {"overwrite", number, nullptr};
  const char* environment[] = {nullptr};
  call(SYS_execve, "/overwrite", arguments, environment);
  for (;;)
    call(SYS_exit_group, as_argument(1), nullptr, nullptr);
}
