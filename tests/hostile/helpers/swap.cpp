// SPDX-License-Identifier: Apache-2.0
// Usage: swap DIRECTORY A B
// Exchanges two names for each other as fast as it can until it is killed: whoever looks at a path
// twice sees two different things.
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

int main(int argc, char** argv) {
  if (argc != 4 || ::chdir(argv[1]) != 0) return 2;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    if (::renameat2(AT_FDCWD, argv[2], AT_FDCWD, argv[3], RENAME_EXCHANGE) != 0) {
      ::perror("swap");
      return 1;
    }
  }
}
