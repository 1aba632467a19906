// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

/// Runs code as root of fresh namespaces, as any user may.
namespace wolffia::test {

namespace detail {

inline bool write_file(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return done;
}

/// Empty, or why not.
inline std::string enter_namespaces(int flags) {
  const std::string uid = std::to_string(::geteuid());
  const std::string gid = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS | flags) < 0)
    return std::string("unshare: ") + ::strerrordesc_np(errno);
  if (!write_file("/proc/self/setgroups", "deny") ||
      !write_file("/proc/self/uid_map", "0 " + uid + " 1") ||
      !write_file("/proc/self/gid_map", "0 " + gid + " 1"))
    return std::string("id maps: ") + ::strerrordesc_np(errno);
  return {};
}

inline void send_text(int fd, const std::string& text) {
  for (size_t sent = 0; sent < text.size();) {
    const ssize_t n = ::write(fd, text.data() + sent, text.size() - sent);
    if (n <= 0) return;
    sent += static_cast<size_t>(n);
  }
}

}  // namespace detail

/// What the body returned, or why there could be none.
struct Outcome {
  std::string skipped;  // this machine does not let us: a test prints it and skips
  std::string text;
  int status = 0;  // of the process; not 0 when it died
};

/// Runs `body` in a new process that is root (one id mapped) in new user and mount namespaces and
/// those of `flags` (CLONE_NEW*), umask 0.
inline Outcome in_namespaces(int flags, const std::function<std::string()>& body) {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) < 0) return {"pipe2 failed", {}, 0};
  const pid_t child = ::fork();
  if (child == 0) {
    ::umask(0);
    const std::string refused = detail::enter_namespaces(flags);
    if (!refused.empty()) {
      detail::send_text(pipe[1], "S" + refused);
      ::_exit(0);
    }
    const pid_t inner = ::fork();  // a new pid namespace is for children only
    if (inner == 0) {
      detail::send_text(pipe[1], "T" + body());
      ::_exit(0);
    }
    int status = 1;
    (void)::waitpid(inner, &status, 0);
    ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
  }
  ::close(pipe[1]);
  Outcome outcome;
  std::string all;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(pipe[0], buffer, sizeof buffer)) > 0;)
    all.append(buffer, static_cast<size_t>(n));
  ::close(pipe[0]);
  (void)::waitpid(child, &outcome.status, 0);
  if (all.starts_with('S')) outcome.skipped = all.substr(1);
  if (all.starts_with('T')) outcome.text = all.substr(1);
  return outcome;
}

}  // namespace wolffia::test
