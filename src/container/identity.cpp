// SPDX-License-Identifier: Apache-2.0
#include "container/identity.hpp"

#include <fcntl.h>

#include <array>
#include <charconv>

#include "sys/file.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

constexpr size_t kProcFileLimit = 4096;
constexpr size_t kBootIdLimit = 64;
constexpr std::string_view kMagic = "wolffia";
constexpr std::string_view kVersion = "1";

// linux/sched.h, not in any header for programs; "forked but didn't exec" since Linux 2.2.
constexpr uint64_t kForkNoExec = 0x40;

/// The words of one line, separated by single spaces.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}
  std::string_view next() {
    const size_t space = rest_.find(' ');
    const std::string_view word = rest_.substr(0, space);
    rest_.remove_prefix(space == std::string_view::npos ? rest_.size() : space + 1);
    return word;
  }

 private:
  std::string_view rest_;
};

template <class Number>
bool read_number(std::string_view word, Number& out) {
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), out);
  return fault == std::errc() && end == word.data() + word.size();
}

Error no_stat() {
  return Error::because(EINVAL, "not the text of a /proc/PID/stat");
}

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

bool is_boot_id(std::string_view word) {
  return word.size() <= kBootIdLimit &&
         word.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

}  // namespace

// Fields after the name, which may hold spaces and parentheses: 3 state, 4 ppid, 9 flags,
// 22 starttime. Source: proc(5).
Result<ProcessFacts> parse_stat(std::string_view text) {
  const size_t name_end = text.rfind(") ");
  if (name_end == std::string_view::npos) return no_stat();
  Words words(text.substr(name_end + 2));
  constexpr size_t kFirst = 3;
  constexpr size_t kLast = 22;
  std::array<std::string_view, kLast + 1> field;
  for (size_t i = kFirst; i <= kLast; ++i)
    field[i] = words.next();
  ProcessFacts facts;
  uint64_t flags = 0;
  if (!read_number(field[4], facts.parent) || !read_number(field[9], flags) ||
      !read_number(field[22], facts.start_time) || field[3].size() != 1)
    return no_stat();
  facts.zombie = field[3] == "Z" || field[3] == "X";
  facts.stopped = field[3] == "T" || field[3] == "t";
  facts.never_executed = (flags & kForkNoExec) != 0;
  return facts;
}

Result<ProcessFacts> read_facts(pid_t pid) {
  const std::string path = cat("/proc/", pid, "/stat");
  const std::string text = TRY(sys::read_record(sys::cwd(), path.c_str(), kProcFileLimit));
  return parse_stat(text);
}

std::string read_boot_id() {
  auto text = sys::read_record(sys::cwd(), "/proc/sys/kernel/random/boot_id", kProcFileLimit);
  if (!text) return {};  // hidden: pid and start time must do
  std::string id = std::move(text).value();
  if (id.ends_with('\n')) id.pop_back();
  return is_boot_id(id) ? id : std::string();
}

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
  if (read_boot_id() != identity.boot_id) return Error::because(ESRCH, "of an earlier boot");
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
  if (boot != "-" && is_boot_id(boot)) identity.boot_id = boot;
  if (!numbers || identity.pid <= 1 || encode_identity(identity) != line)
    return Error::because(EINVAL, "not a recovery trace");
  return identity;
}

}  // namespace wolffia::container
