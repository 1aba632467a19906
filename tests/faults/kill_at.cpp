// SPDX-License-Identifier: Apache-2.0
// Usage: kill_at CALL PROCESS…
// Kills running processes when they make their next CALL-th system call. The calls of all their
// threads are counted together, for one request may be served by any of them. "ready" goes to
// descriptor 1 when all of them are watched. Ends with end of file on descriptor 0, or with the
// processes, and prints how many calls there were; with CALL 0 nobody is killed.
//
// inject.cpp counts from a program's beginning, and the calls of each thread alone.
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace {

class Watcher {
 public:
  Watcher(long kill_at, std::vector<pid_t> processes)
      : kill_at_(kill_at), processes_(std::move(processes)) {}

  /// Whether every thread is watched now.
  bool seize() {
    for (const pid_t process : processes_) {
      for (const pid_t thread : threads_of(process)) {
        if (!seize_thread(thread)) return false;
      }
    }
    return !threads_.empty();
  }

  /// Takes whatever has happened; false when everything has ended.
  bool take_events() {
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, __WALL | WNOHANG)) != 0;) {
      if (pid < 0) return false;
      if (WIFSTOPPED(status)) {
        stopped(pid, status);
      } else {
        threads_.erase(pid);
      }
    }
    return !threads_.empty();
  }

  long calls() const { return calls_; }

  /// Interrupts everything: only a stopped thread can be let go.
  void let_go() {
    for (const pid_t thread : threads_)
      ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
    int status = 0;
    while (!threads_.empty()) {
      const pid_t pid = ::waitpid(-1, &status, __WALL);
      if (pid < 0) return;
      if (WIFSTOPPED(status)) ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
      threads_.erase(pid);
    }
  }

 private:
  static std::vector<pid_t> threads_of(pid_t process) {
    std::vector<pid_t> found;
    DIR* const directory = ::opendir(("/proc/" + std::to_string(process) + "/task").c_str());
    if (directory == nullptr) return found;
    while (const dirent* entry = ::readdir(directory)) {
      if (entry->d_name[0] != '.') found.push_back(std::atoi(entry->d_name));
    }
    ::closedir(directory);
    return found;
  }

  /// It stops, and goes on to its next system call when that stop is taken.
  bool seize_thread(pid_t thread) {
    constexpr long kOptions =
        PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
    if (::ptrace(PTRACE_SEIZE, thread, nullptr, kOptions) != 0) return false;
    threads_.insert(thread);
    int status = 0;
    if (::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) != 0) return false;
    if (::waitpid(thread, &status, __WALL) != thread) return false;
    stopped(thread, status);
    return true;
  }

  void stopped(pid_t thread, int status) {
    threads_.insert(thread);
    const int signal = WSTOPSIG(status);
    if (signal == (SIGTRAP | 0x80) && is_entry(thread) && ++calls_ == kill_at_) {
      for (const pid_t process : processes_)
        ::kill(process, SIGKILL);
      return;
    }
    const bool own = status >> 16 != 0 || signal == (SIGTRAP | 0x80);
    ::ptrace(PTRACE_SYSCALL, thread, nullptr, own ? 0 : signal);
  }

  static bool is_entry(pid_t thread) {
    __ptrace_syscall_info info{};
    void* const size = reinterpret_cast<void*>(sizeof info);
    ::ptrace(PTRACE_GET_SYSCALL_INFO, thread, size, &info);
    return info.op == PTRACE_SYSCALL_INFO_ENTRY;
  }

  long kill_at_;
  std::vector<pid_t> processes_;
  std::set<pid_t> threads_;
  long calls_ = 0;
};

/// A descriptor that is readable when a watched thread has stopped or ended.
int events() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::vector<pid_t> processes;
  for (int i = 2; i < argc; ++i)
    processes.push_back(std::atoi(argv[i]));
  Watcher watcher(std::atol(argv[1]), processes);
  const int signals = events();
  if (signals < 0 || !watcher.seize()) {
    ::perror("kill_at");
    return 1;
  }
  std::puts("ready");
  std::fflush(stdout);
  pollfd waited[] = {{signals, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  while (watcher.take_events()) {
    if (::poll(waited, 2, -1) < 0 && errno != EINTR) return 1;
    signalfd_siginfo taken[8];
    while (::read(signals, taken, sizeof taken) > 0) {
    }
    if (waited[1].revents != 0) {
      watcher.let_go();
      break;
    }
  }
  std::printf("%ld\n", watcher.calls());
}
