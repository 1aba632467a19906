// SPDX-License-Identifier: Apache-2.0
#include "container/scope.hpp"

#include <fcntl.h>

#include <array>
#include <cstdlib>

#include "launch/programs.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

constexpr const char* kProgram = "wolffia-scope";
constexpr size_t kWordsLimit = 4096;

/// What it takes to find the user's bus.
std::vector<std::string> bus_environment() {
  std::vector<std::string> env;
  for (const char* name :
       {"DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS", "XDG_RUNTIME_DIR"})
    if (const char* value = std::getenv(name)) env.push_back(cat(name, "=", value));
  return env;
}

Result<void> ask(bool system, std::vector<std::string> words) {
  const std::string path = TRY(launch::find_program(kProgram));
  words.insert(words.begin(), {kProgram, system ? "system" : "user"});
  const std::vector<std::string> env = bus_environment();
  auto [ours, theirs] = TRY(sys::make_pipe(0));
  const sys::Fd null = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDWR));
  sys::Program program{.path = path, .args = words, .env = env};
  program.stdin_fd = program.stdout_fd = null.get();
  program.stderr_fd = theirs.get();
  const sys::PidFd process = TRY(sys::spawn(program), path);
  theirs.reset();
  auto said = sys::read_all(ours, kWordsLimit);
  const sys::Ended ended = TRY(sys::wait_for(process));
  if (ended.status() == 0) return {};
  std::string reason = said ? std::move(said).value() : std::string();
  while (reason.ends_with('\n'))
    reason.pop_back();
  if (reason.empty()) reason = cat(kProgram, " ended with status ", ended.status());
  return Error::because(ENOTSUP, std::move(reason));
}

}  // namespace

Result<void> start_scope(const plan::ScopePlan& scope, pid_t pid) {
  std::vector<std::string> words{"start", scope.name, cat(pid)};
  words.insert(words.end(), scope.properties.begin(), scope.properties.end());
  return ask(scope.system, std::move(words));
}

Result<void> set_scope(const State& state, const std::vector<std::string>& properties) {
  if (properties.empty()) return {};
  std::vector<std::string> words{"set", state.scope};
  words.insert(words.end(), properties.begin(), properties.end());
  return ask(state.system_scope, std::move(words));
}

Result<void> enter_scope(const State& state, const std::string& path, pid_t pid) {
  const size_t end = path.find(cat("/", state.scope));
  if (end == std::string::npos)
    return Error::because(EINVAL, cat("cgroup ", path, " is not in the scope ", state.scope));
  const std::string below = path.substr(end + 1 + state.scope.size());
  return ask(state.system_scope, {"attach", state.scope, below.empty() ? "/" : below, cat(pid)});
}

}  // namespace wolffia::container
