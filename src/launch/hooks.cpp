// SPDX-License-Identifier: Apache-2.0
#include "launch/hooks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <chrono>

#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/signal_reset.hpp"

namespace wolffia::launch {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

/// What a hook without an environment gets, so that a script finds its commands. Nothing of ours
/// passes: the caller's variables are not the bundle's business (I20).
constexpr std::string_view kUsualPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The time left of a hook's timeout; nullopt: it has none.
using Left = std::optional<Milliseconds>;

Left left_until(std::optional<Clock::time_point> deadline) {
  if (!deadline) return {};
  return std::max(std::chrono::ceil<Milliseconds>(*deadline - Clock::now()), Milliseconds(0));
}

/// Writes the state for as long as the hook reads, lives and has time. A hook that does not read
/// it is no failure, so neither EPIPE nor a full pipe is one.
Result<void> feed(const sys::Fd& pipe, const sys::PidFd& hook, std::string_view state,
                  std::optional<Clock::time_point> deadline) {
  const sys::IgnoreSigpipe ignore;
  while (!state.empty()) {
    const ssize_t n = ::write(pipe.get(), state.data(), state.size());
    if (n > 0) {
      state.remove_prefix(static_cast<size_t>(n));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return {};
    const Left left = left_until(deadline);
    pollfd watched[] = {{.fd = pipe.get(), .events = POLLOUT, .revents = 0},
                        {.fd = hook.get(), .events = POLLIN, .revents = 0}};
    const int ready = ::poll(watched, 2, left ? static_cast<int>(left->count()) : -1);
    if (ready < 0 && errno != EINTR) return Error::last("poll");
    if (ready == 0 || watched[1].revents != 0) return {};
  }
  return {};
}

Result<void> judge(const sys::Ended& ended) {
  if (ended.signalled) return Error::because(ECHILD, cat("was killed by signal ", ended.value));
  if (ended.value != 0) return Error::because(ECHILD, cat("exited with status ", ended.value));
  return {};
}

}  // namespace

Result<void> run_hook(const oci::Hook& hook, std::string_view state_json, const HookPlace& place) {
  std::vector<std::string> args = hook.args;
  if (args.empty()) args.push_back(hook.path);
  auto pipe = TRY(sys::make_pipe(0));
  if (::fcntl(pipe.second.get(), F_SETFL, O_NONBLOCK) < 0) return Error::last("fcntl");
  const std::vector<std::string> usual{std::string(kUsualPath)};
  sys::Program program{.path = hook.path, .args = args, .env = hook.env.empty() ? usual : hook.env};
  if (place.directory && sys::stat_at(sys::cwd(), place.directory))
    program.directory = place.directory;
  if (place.output && place.output->out) program.stdout_fd = place.output->out.get();
  if (place.output && place.output->error) program.stderr_fd = place.output->error.get();
  program.stdin_fd = pipe.first.get();
  const sys::PidFd child = TRY(sys::spawn(program), "hook ", hook.path);
  pipe.first.reset();
  std::optional<Clock::time_point> deadline;
  if (hook.timeout) deadline = Clock::now() + std::chrono::seconds(*hook.timeout);
  TRY(feed(pipe.second, child, state_json, deadline));
  pipe.second.reset();  // the hook reads the end of its input
  const bool in_time = TRY(sys::ended_within(child, left_until(deadline)));
  if (!in_time) (void)sys::send_signal(child, SIGKILL);  // gone already: wait_for() tells
  const sys::Ended ended = TRY(sys::wait_for(child));
  if (!in_time)
    return Error::because(ETIMEDOUT, cat("hook ", hook.path, " did not end within its timeout of ",
                                         *hook.timeout, " s and was killed"));
  TRY(judge(ended), "hook ", hook.path);
  return {};
}

Result<void> run_hooks(const char* name, const std::vector<oci::Hook>& hooks,
                       std::string_view state_json, const HookPlace& place) {
  for (size_t i = 0; i < hooks.size(); ++i)
    TRY(run_hook(hooks[i], state_json, place), "hooks.", name, "[", i, "]");
  return {};
}

}  // namespace wolffia::launch
