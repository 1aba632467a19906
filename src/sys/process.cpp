// SPDX-License-Identifier: Apache-2.0
#include "sys/process.hpp"

#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace wolffia::sys {

Result<Cloned> clone_process(uint64_t flags, const Fd* cgroup) {
  int pidfd = -1;
  clone_args args{};
  args.flags = flags | CLONE_PIDFD | (cgroup ? CLONE_INTO_CGROUP : 0);
  if (cgroup) args.cgroup = static_cast<unsigned>(cgroup->get());
  args.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  args.exit_signal = (flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD;  // CLONE_PARENT inherits its own
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return Error::last("clone3");
  if (pid == 0) return Cloned{};
  return Cloned{static_cast<pid_t>(pid), PidFd(pidfd)};
}

Result<Cloned> clone_process_legacy(uint64_t flags) {
  int pidfd = -1;
  const unsigned long all = flags | CLONE_PIDFD | ((flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD);
  const long pid = ::syscall(SYS_clone, all, nullptr, &pidfd, nullptr, nullptr);
  if (pid < 0) return Error::last("clone");
  if (pid == 0) return Cloned{};
  return Cloned{static_cast<pid_t>(pid), PidFd(pidfd)};
}

Result<Cloned> fork_process() {
  const pid_t pid = ::fork();
  if (pid < 0) return Error::last("fork");
  if (pid == 0) return Cloned{};
  auto pidfd = open_pidfd(pid);  // a child that nobody reaped keeps its number
  if (!pidfd) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return std::move(pidfd).error();
  }
  return Cloned{pid, std::move(*pidfd)};
}

Result<void> die_with_parent(int signal) {
  if (::prctl(PR_SET_PDEATHSIG, signal) < 0) return Error::last("prctl(PR_SET_PDEATHSIG)");
  return {};
}

Result<PidFd> open_pidfd(pid_t pid) {
  // Through syscall(2): glibc 2.36's <sys/pidfd.h> forgets extern "C".
  const long fd = ::syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return Error::last("pidfd_open");
  return PidFd(static_cast<int>(fd));
}

Result<void> send_signal(const PidFd& process, int signal) {
  if (::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) < 0)
    return Error::last("pidfd_send_signal");
  return {};
}

Result<Ended> wait_for(const PidFd& child) {
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(child.get()), &info, WEXITED) < 0)
    if (errno != EINTR) return Error::last("waitid");
  return Ended{.signalled = info.si_code != CLD_EXITED, .value = info.si_status};
}

std::vector<char*> exec_vector(std::span<const std::string> strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& text : strings)
    pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Error execute(const char* path, std::span<char* const> argv, std::span<char* const> envp) {
  (void)::execve(path, argv.data(), envp.data());
  return Error::last("execve");
}

Result<PidFd> spawn(const Program& program) {
  std::vector<char*> argv = exec_vector(program.args);
  std::vector<char*> envp = exec_vector(program.env);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  if (program.stdin_fd >= 0)
    ::posix_spawn_file_actions_adddup2(&actions, program.stdin_fd, STDIN_FILENO);
  if (program.stdout_fd >= 0)
    ::posix_spawn_file_actions_adddup2(&actions, program.stdout_fd, STDOUT_FILENO);
  if (program.stderr_fd >= 0)
    ::posix_spawn_file_actions_adddup2(&actions, program.stderr_fd, STDERR_FILENO);
  if (program.directory) ::posix_spawn_file_actions_addchdir_np(&actions, program.directory);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t all_default;
  sigset_t none_blocked;
  ::sigfillset(&all_default);
  ::sigemptyset(&none_blocked);
  ::posix_spawnattr_setsigdefault(&attributes, &all_default);
  ::posix_spawnattr_setsigmask(&attributes, &none_blocked);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  const int code =
      ::posix_spawn(&pid, program.path.c_str(), &actions, &attributes, argv.data(), envp.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0) {
    errno = code;  // posix_spawn(3) returns the error instead
    return Error::last("posix_spawn");
  }
  return open_pidfd(pid);
}

Result<bool> ended_within(const PidFd& process, std::optional<std::chrono::milliseconds> timeout) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + timeout.value_or(std::chrono::milliseconds(0));
  for (;;) {
    int wait = -1;
    if (timeout) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      wait = left > 0 ? static_cast<int>(std::min<int64_t>(left, INT32_MAX)) : 0;
    }
    pollfd watched{.fd = process.get(), .events = POLLIN, .revents = 0};
    const int n = ::poll(&watched, 1, wait);
    if (n < 0 && errno != EINTR) return Error::last("poll");
    if (n > 0) return true;
    if (n == 0 && wait == 0) return false;
  }
}

}  // namespace wolffia::sys
