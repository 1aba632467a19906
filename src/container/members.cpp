// SPDX-License-Identifier: Apache-2.0
#include "container/members.hpp"

#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

// SIGKILL works at once except in an uninterruptible wait, as on a dead NFS server.
constexpr std::chrono::seconds kDeathTimeout(10);

constexpr int kFreezeTries = 1000;  // of a millisecond each

struct Seen {
  pid_t pid;
  ProcessFacts facts;
};

std::optional<pid_t> as_pid(const std::string& name) {
  pid_t pid = 0;
  const char* end = name.data() + name.size();
  const auto [stop, fault] = std::from_chars(name.data(), end, pid);
  if (fault != std::errc() || stop != end) return {};
  return pid;
}

/// Every living process /proc shows, ascending.
Result<std::vector<Seen>> all_processes() {
  const sys::Fd proc = TRY(sys::open_at(sys::cwd(), "/proc", O_RDONLY | O_DIRECTORY));
  std::vector<Seen> seen;
  for (const std::string& name : TRY(sys::entry_names(proc, SIZE_MAX))) {
    const std::optional<pid_t> pid = as_pid(name);
    if (!pid) continue;
    const auto facts = read_facts(*pid);
    if (facts && !facts->zombie) seen.push_back({*pid, *facts});
  }
  std::sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) { return a.pid < b.pid; });
  return seen;
}

/// The inode of the process's pid namespace. Errors: EACCES where we may not ptrace it.
Result<ino_t> pid_namespace_of(pid_t pid) {
  const std::string path = cat("/proc/", pid, "/ns/pid");
  const sys::Fd space = TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY));
  return TRY(sys::stat_fd(space)).st_ino;
}

std::vector<Member> family_among(const std::vector<Seen>& all, pid_t root) {
  std::vector<pid_t> family{root};
  for (size_t i = 0; i < family.size(); ++i)  // grows while we walk it
    for (const Seen& one : all)
      if (one.facts.parent == family[i]) family.push_back(one.pid);
  std::vector<Member> found;
  for (const Seen& one : all)
    if (std::find(family.begin(), family.end(), one.pid) != family.end())
      found.push_back({one.pid, one.facts.start_time});
  return found;
}

bool contains(const std::vector<Member>& members, const Member& wanted) {
  return std::any_of(members.begin(), members.end(), [&](const Member& one) {
    return one.pid == wanted.pid && one.start_time == wanted.start_time;
  });
}

/// Stops a process and waits until it has: a fork that was under way when the signal came still
/// succeeds, so only then are its children all there. False when it has ended.
bool freeze(const Member& member) {
  const auto process = open_member(member);
  if (!process || !sys::send_signal(*process, SIGSTOP)) return false;
  for (int tries = 0; tries < kFreezeTries; ++tries) {
    const auto facts = read_facts(member.pid);
    if (!facts || facts->zombie) return false;
    if (facts->stopped) return true;
    const auto ended = sys::ended_within(*process, std::chrono::milliseconds(1));
    if (!ended || *ended) return false;
  }
  return true;  // uninterruptible: it cannot fork either
}

}  // namespace

Result<std::vector<Member>> family(pid_t pid) {
  const std::vector<Seen> all = TRY(all_processes());
  return family_among(all, pid);
}

Result<std::vector<Member>> members(const State& state) {
  const std::vector<Seen> all = TRY(all_processes());
  const auto space = pid_namespace_of(state.init.pid);
  if (!state.own_pid_namespace || !space) return family_among(all, state.init.pid);
  std::vector<Member> found;
  for (const Seen& one : all) {
    const auto theirs = pid_namespace_of(one.pid);
    if (theirs && *theirs == *space) found.push_back({one.pid, one.facts.start_time});
  }
  return found;
}

Result<sys::PidFd> open_member(const Member& member) {
  sys::PidFd process = TRY(sys::open_pidfd(member.pid));
  const auto facts = read_facts(member.pid);
  if (!facts || facts->zombie || facts->start_time != member.start_time)
    return Error::because(ESRCH, "the process has ended");
  return process;
}

Result<void> end_process(const sys::PidFd& process) {
  auto sent = sys::send_signal(process, SIGKILL);
  if (!sent && !sent.error().is(ESRCH)) return std::move(sent).error().context("kill init");
  if (TRY(sys::ended_within(process, kDeathTimeout))) return {};
  return Error::because(
      EBUSY, cat("the process was killed but did not end within ", kDeathTimeout.count(), " s"));
}

Result<void> end_family(const sys::PidFd& process, pid_t pid) {
  std::vector<Member> frozen;
  size_t before = 0;
  do {  // none at all is possible: the process may have ended by itself
    before = frozen.size();
    for (const Member& member : TRY(family(pid)))
      if (!contains(frozen, member) && freeze(member)) frozen.push_back(member);
  } while (frozen.size() != before);
  for (const Member& member : frozen)
    if (const auto one = open_member(member); one && member.pid != pid) TRY(end_process(*one));
  return end_process(process);
}

}  // namespace wolffia::container
