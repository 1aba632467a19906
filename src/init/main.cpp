// SPDX-License-Identifier: Apache-2.0
// wolffia-init: the first process of a container that was asked for with --init. It starts the
// program, passes signals on to it, reaps what is orphaned, and ends as the program did. There is
// one for each container, for as long as that runs: so it takes no library and no heap.
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include <initializer_list>

#include "init/kernel.hpp"

namespace wolffia::init {
namespace {

// As a shell has them. Source: sh(1), "Exit Status for Commands".
constexpr int kFailed = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
constexpr int kSignalled = 128;

constexpr int kErrors = 2;  // standard error
constexpr unsigned kLongestPath = 4096;

/// Signals as the kernel has them: bit N - 1 is signal N.
using Signals = uint64_t;
constexpr Signals bit(int signal) {
  return Signals{1} << static_cast<unsigned>(signal - 1);
}
/// All but those that tell of faults of ours.
constexpr Signals kPassedOn = ~(bit(SIGSEGV) | bit(SIGBUS) | bit(SIGILL) | bit(SIGFPE) |
                                bit(SIGTRAP) | bit(SIGSYS) | bit(SIGABRT));

unsigned length(const char* text) {
  unsigned size = 0;
  while (text[size] != 0)
    ++size;
  return size;
}

bool has(const char* text, char wanted) {
  for (; *text != 0; ++text)
    if (*text == wanted) return true;
  return false;
}

void say(const char* text) {
  (void)call(__NR_write, kErrors, address(text), length(text));  // nobody else could be told
}

void set_mask(Signals signals, Signals* before) {
  (void)call(__NR_rt_sigprocmask, SIG_SETMASK, address(&signals), address(before), sizeof signals);
}

/// The value of PATH, or what execvp(3) takes without it.
const char* search_path(char** environment) {
  for (; *environment; ++environment) {
    const char* one = *environment;
    if (one[0] == 'P' && one[1] == 'A' && one[2] == 'T' && one[3] == 'H' && one[4] == '=')
      return one + 5;
  }
  return "/bin:/usr/bin";
}

/// Puts the next directory of `path` and the name into `into`; false: it is too long.
bool next_candidate(const char*& path, const char* name, char* into) {
  unsigned size = 0;
  const auto add = [&](char c) {
    if (size < kLongestPath) into[size] = c;
    ++size;
  };
  for (; *path != 0 && *path != ':'; ++path)
    add(*path);
  if (*path == ':') ++path;
  if (size == 0) add('.');  // an empty word is the current directory
  add('/');
  for (; *name != 0; ++name)
    add(*name);
  add(0);
  return size <= kLongestPath;
}

/// As execvp(3): returns the errno value of why not.
long execute(char** argv, char** environment) {
  const char* name = argv[0];
  if (has(name, '/') || *name == 0)
    return -call(__NR_execve, address(name), address(argv), address(environment));
  long why = ENOENT;
  for (const char* path = search_path(environment); *path != 0;) {
    char candidate[kLongestPath];
    if (!next_candidate(path, name, candidate)) continue;
    const long failed = -call(__NR_execve, address(candidate), address(argv), address(environment));
    if (failed != ENOENT && failed != ENOTDIR) why = failed;
  }
  return why;
}

const char* reason(long code) {
  switch (code) {
    case ENOENT:
      return "executable file not found\n";
    case EACCES:
      return "permission denied\n";
    case ENOEXEC:
      return "of a format that cannot be executed\n";
    default:
      return "cannot be executed\n";
  }
}

/// In the new process. A process group of its own, in the foreground of the terminal if there is
/// one: what the keyboard sends reaches the program once, and not through us as well.
[[noreturn]] void become_program(char** argv, char** environment, Signals before) {
  (void)call(__NR_setpgid, 0, 0);
  const int group = static_cast<int>(call(__NR_getpid));
  (void)call(__NR_ioctl, 0, TIOCSPGRP, address(&group));  // SIGTTOU is blocked; or no terminal
  set_mask(before, nullptr);
  const long why = execute(argv, environment);
  for (const char* part : {"wolffia-init: ", static_cast<const char*>(argv[0]), ": ", reason(why)})
    say(part);
  for (;;)
    (void)call(__NR_exit_group, why == ENOENT ? kNotFound : kNotExecutable);
}

/// Reaps all that has ended. The program's exit status, or -1: it goes on.
int reap(long program) {
  constexpr long kAny = -1;
  constexpr long kNoHang = 1;  // WNOHANG
  int status = 0;
  int result = -1;
  for (long ended = 0; (ended = call(__NR_wait4, kAny, address(&status), kNoHang)) > 0;) {
    const int signal = status & 0x7f;  // Source: wait(2), WTERMSIG
    if (ended == program) result = signal != 0 ? kSignalled + signal : status >> 8 & 0xff;
  }
  return result;
}

int attend(long program) {
  const Signals signals = kPassedOn;
  for (;;) {
    const long signal =
        call(__NR_rt_sigtimedwait, address(&signals), 0, 0, sizeof signals);  // without an end
    if (signal == SIGCHLD) {
      const int status = reap(program);
      if (status >= 0) return status;
    } else if (signal > 0) {
      (void)call(__NR_kill, program, signal);  // ESRCH: it has just ended
    }
  }
}

}  // namespace

int run(int argc, char** argv, char** environment) {
  int first = 1;
  if (argc > first && argv[first][0] == '-' && argv[first][1] == '-' && argv[first][2] == 0)
    ++first;
  if (argc <= first) {
    say("wolffia-init: usage: wolffia-init [--] PROGRAM [ARG...]\n");
    return kFailed;
  }
  Signals before = 0;
  set_mask(kPassedOn, &before);
  (void)call(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1);  // where we are not pid 1
  const long program = call(__NR_clone, SIGCHLD);     // as fork(2)
  if (program < 0) {
    say("wolffia-init: no process could be made\n");
    return kFailed;
  }
  if (program == 0) become_program(argv + first, environment, before);
  return attend(program);
}

}  // namespace wolffia::init

#ifdef WOLFFIA_INIT_LIBC

#include <unistd.h>

namespace wolffia::init {
long call(long number, long a, long b, long c, long d) {
  const long result = ::syscall(number, a, b, c, d);
  return result < 0 ? -errno : result;
}
}  // namespace wolffia::init

int main(int argc, char** argv, char** environment) {
  return wolffia::init::run(argc, argv, environment);
}

#else

/// What _start calls: `stack` is argc, the arguments, a null pointer, the environment.
extern "C" [[noreturn, gnu::used]] void wolffia_start(long* stack) {
  const auto argc = static_cast<int>(stack[0]);
  auto** argv = reinterpret_cast<char**>(stack + 1);
  const int status = wolffia::init::run(argc, argv, argv + argc + 1);
  for (;;)
    (void)wolffia::init::call(__NR_exit_group, status);
}

#endif
