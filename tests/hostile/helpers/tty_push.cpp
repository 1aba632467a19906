// SPDX-License-Identifier: Apache-2.0
// Usage: tty_push WORD
// Tries every way to put WORD into the input of the terminals behind descriptors 0 to 2, and to
// take the terminal for its own session. Prints "NAME ERRNO" for each attempt, ERRNO being 0 when
// it worked.
#include <linux/tiocl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace {

/// ioctl(2) with all 64 bits of the request: the kernel looks at the lower 32 only.
int request(int fd, unsigned long number, const void* argument) {
  return ::syscall(SYS_ioctl, fd, number, argument) == 0 ? 0 : errno;
}

void push(int fd, const char* name, unsigned long number, const char* word) {
  int error = 0;
  for (const char* c = word; *c != '\0' && error == 0; ++c)
    error = request(fd, number, c);
  std::printf("\n%s %d\n", name, error);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  constexpr unsigned long kDirty = 0xdeadbeef00000000;
  for (int fd = 0; fd < 3; ++fd) {
    push(fd, "TIOCSTI", TIOCSTI, argv[1]);
    push(fd, "TIOCSTI+dirty", kDirty | TIOCSTI, argv[1]);
    char selection = TIOCL_PASTESEL;
    std::printf("\nTIOCLINUX %d\n", request(fd, TIOCLINUX, &selection));
    std::printf("\nTIOCLINUX+dirty %d\n", request(fd, kDirty | TIOCLINUX, &selection));
    std::printf("\nTIOCSCTTY %d\n", request(fd, TIOCSCTTY, nullptr));
    push(fd, "TIOCSTI+own", TIOCSTI, argv[1]);
  }
}
