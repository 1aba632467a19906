// SPDX-License-Identifier: Apache-2.0
// Usage: reap CMD…
// Runs a test as its child subreaper, so that whatever the test leaves running becomes our child:
// each such process is named on stderr and killed, and the test counts as failed (exit status 99).
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

namespace {

constexpr int kLeftovers = 99;
constexpr int kGraceMilliseconds =
    3000;  // a detached supervisor may still be writing its last state

std::string read_file(const std::string& path) {
  std::string text;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char buffer[4096];
  for (ssize_t got; (got = ::read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(got));
  }
  ::close(fd);
  return text;
}

std::string command_line(pid_t pid) {
  std::string text = read_file("/proc/" + std::to_string(pid) + "/cmdline");
  for (char& c : text) {
    if (c == '\0') c = ' ';
  }
  return text.empty() ? read_file("/proc/" + std::to_string(pid) + "/comm") : text;
}

/// Kills and collects the children there are now; their own children become ours in turn.
int kill_children() {
  const std::string self = std::to_string(::getpid());
  const std::string children = read_file("/proc/" + self + "/task/" + self + "/children");
  int killed = 0;
  const char* at = children.c_str();
  for (char* end = nullptr;; at = end) {
    const auto pid = static_cast<pid_t>(std::strtol(at, &end, 10));
    if (end == at) return killed;
    std::fprintf(stderr, "left running: %d %s\n", pid, command_line(pid).c_str());
    if (::kill(pid, SIGKILL) != 0 || ::waitpid(pid, nullptr, 0) != pid) continue;
    ++killed;
  }
}

/// Collects whatever has ended; false when a child is still running.
bool no_child_left() {
  for (;;) {
    const pid_t pid = ::waitpid(-1, nullptr, WNOHANG);
    if (pid == 0) return false;
    if (pid < 0) return true;
  }
}

bool wait_for_children() {
  const timespec pause{0, 10'000'000};
  for (int waited = 0; waited < kGraceMilliseconds; waited += 10) {
    if (no_child_left()) return true;
    ::nanosleep(&pause, nullptr);
  }
  return no_child_left();
}

/// The status of `child`; orphans that end meanwhile are collected as well.
int wait_for(pid_t child) {
  for (;;) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, 0);
    if (pid == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (pid < 0) return kLeftovers;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return 2;
  const pid_t child = ::fork();
  if (child < 0) return 2;
  if (child == 0) {
    ::execvp(argv[1], argv + 1);
    std::perror(argv[1]);
    ::_exit(127);
  }
  const int status = wait_for(child);
  if (wait_for_children()) return status;
  while (kill_children() > 0) {
  }
  return status == 0 ? kLeftovers : status;
}
