// SPDX-License-Identifier: Apache-2.0
#include "container/identity.hpp"

#include <fcntl.h>

#include "base/words.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

constexpr std::string_view kMagic = "wolffia";
constexpr std::string_view kVersion = "1";

/// /proc shows nothing of the process: it is gone, or hidden by hidepid. What we may signal and not
/// see is one of ours that is not dumpable: a container not yet at its gate.
Result<ProcessFacts> hidden_facts(const Identity& identity) {
  const sys::PidFd process = TRY(sys::open_pidfd(identity.pid));
  TRY(sys::send_signal(process, 0));
  ProcessFacts facts;
  facts.start_time = identity.start_time;
  facts.never_executed = true;
  return facts;
}

/// Stands in for a start time that could not be read at create: the process has a mount namespace
/// of its own, as every container has.
bool lives_elsewhere(pid_t pid) {
  const auto space = [](const std::string& path) -> Result<ino_t> {
    const sys::Fd file = TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY));
    return TRY(sys::stat_fd(file)).st_ino;
  };
  const auto theirs = space(cat("/proc/", pid, "/ns/mnt"));
  const auto ours = space("/proc/self/ns/mnt");
  return theirs && ours && *theirs != *ours;
}

/// Where one of the boot ids is hidden, pid and start time must do.
bool is_of_this_boot(const Identity& identity) {
  if (identity.boot_id.empty()) return true;
  const std::string now = read_boot_id();
  return now.empty() || now == identity.boot_id;
}

}  // namespace

Result<Identity> identify(pid_t pid) {
  Identity identity{.pid = pid, .start_time = 0, .boot_id = read_boot_id()};
  auto facts = read_facts(pid);
  if (facts) {
    identity.start_time = facts->start_time;
    return identity;
  }
  // /proc mounted with hidepid hides what we may not ptrace, and so init while it is not dumpable.
  if (facts.error().is(ENOENT)) return identity;
  return std::move(facts).error();
}

Result<ProcessFacts> facts_of(const Identity& identity) {
  if (!is_of_this_boot(identity)) return Error::because(ESRCH, "of an earlier boot");
  auto facts = read_facts(identity.pid);
  if (!facts && facts.error().is(ENOENT)) return hidden_facts(identity);
  if (!facts) return std::move(facts).error();
  const bool same = identity.start_time == 0 ? lives_elsewhere(identity.pid)
                                             : facts->start_time == identity.start_time;
  if (!same || facts->zombie) return Error::because(ESRCH, "the process has ended");
  return facts;
}

Result<OpenedProcess> open_process(const Identity& identity) {
  sys::PidFd pidfd = TRY(sys::open_pidfd(identity.pid));
  const ProcessFacts facts = TRY(facts_of(identity));
  return OpenedProcess{std::move(pidfd), facts};
}

std::string encode_identity(const Identity& identity) {
  const std::string_view boot = identity.boot_id.empty() ? "-" : std::string_view(identity.boot_id);
  return cat(kMagic, " ", kVersion, " ", identity.pid, " ", identity.start_time, " ", boot);
}

Result<Identity> decode_identity(std::string_view line) {
  Words words(line);
  const bool ours = words.next() == kMagic && words.next() == kVersion;
  Identity identity;
  const bool numbers = ours && read_number(words.next(), identity.pid) &&
                       read_number(words.next(), identity.start_time);
  const std::string_view boot = words.next();
  if (boot != "-" && sys::is_boot_id(boot)) identity.boot_id = boot;
  if (!numbers || identity.pid <= 1 || encode_identity(identity) != line)
    return Error::because(EINVAL, "not a recovery trace");
  return identity;
}

}  // namespace wolffia::container
