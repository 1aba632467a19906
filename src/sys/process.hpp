// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::sys {

/// A process just made: in the child `pid` is 0 and `pidfd` empty.
struct Cloned {
  pid_t pid = 0;
  PidFd pidfd;
};

/// Copies the calling process, as fork(2) does, into the new namespaces of `flags` (CLONE_NEW*,
/// CLONE_PARENT). Source: clone3(2), Linux 5.3; CLONE_NEWTIME 5.6.
/// Errors: ENOSYS on older kernels and under seccomp profiles that hide clone3; EPERM and ENOSPC
/// as user_namespaces(7) gives them.
/// The child must not use what glibc knows of its thread id (sched_setaffinity(0, …), raise()).
/// With `cgroup`, the directory of one, the child is in it from its first instruction on. Source:
/// CLONE_INTO_CGROUP, Linux 5.7. Errors: EINVAL on older kernels; EACCES, EBUSY as cgroups(7) gives
/// them for a process that is moved.
Result<Cloned> clone_process(uint64_t flags, const Fd* cgroup = nullptr);

/// The same through clone(2), which cannot make a time namespace.
Result<Cloned> clone_process_legacy(uint64_t flags);

/// The same through fork(3), after which the child of a process with threads may allocate: the C
/// library sees to its own locks. No new namespaces. Errors: EAGAIN; ENOSYS before Linux 5.3.
Result<Cloned> fork_process();

/// The calling process gets `signal` when the thread that forked it ends. Source:
/// PR_SET_PDEATHSIG.
Result<void> die_with_parent(int signal);

/// Source: pidfd_open(2), Linux 5.3. Errors: ESRCH when the process is gone.
Result<PidFd> open_pidfd(pid_t pid);

/// Source: pidfd_send_signal(2), Linux 5.1. Errors: ESRCH when the process is gone.
Result<void> send_signal(const PidFd& process, int signal);

/// How a process ended.
struct Ended {
  bool signalled = false;
  int value = 0;  // exit code, or signal number
  /// What a shell would report: the code, or 128 + signal.
  int status() const { return signalled ? 128 + value : value; }
};

/// Waits for a child and reaps it. Source: waitid(2) with P_PIDFD, Linux 5.4.
Result<Ended> wait_for(const PidFd& child);

/// A program to start with nothing inherited but descriptors 0 to 2.
struct Program {
  std::string path;  // absolute: PATH is never searched
  std::span<const std::string> args;
  std::span<const std::string> env;
  const char* directory = nullptr;  // to start in; null: the caller's
  int stdin_fd = -1;                // -1: inherited
  int stdout_fd = -1;               // -1: inherited
  int stderr_fd = -1;               // -1: inherited
};

/// Starts `program`; its other descriptors are closed. Source: posix_spawn(3).
Result<PidFd> spawn(const Program& program);

/// True when `process` ended within `timeout`; nullopt waits for ever. Source: poll(2) on a pidfd.
Result<bool> ended_within(const PidFd& process, std::optional<std::chrono::milliseconds> timeout);

/// Becomes the program; returns only to say why not. Source: execve(2).
Error execute(const char* path, std::span<char* const> argv, std::span<char* const> envp);

/// argv or envp for exec: pointers into `strings`, ended by a null pointer.
std::vector<char*> exec_vector(std::span<const std::string> strings);

}  // namespace wolffia::sys
