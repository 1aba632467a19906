// SPDX-License-Identifier: Apache-2.0
#include "sys/process_usage.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/words.hpp"
#include "sys/file.hpp"

namespace wolffia::sys {
namespace {

constexpr size_t kTextLimit = 1 << 20;

Result<std::string> read_of(pid_t pid, const char* name) {
  return read_file(cwd(), cat("/proc/", pid, "/", name).c_str(), kTextLimit);
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// The words of a line with any blanks between.
class Cells {
 public:
  explicit Cells(std::string_view line) : rest_(line) {}
  std::string_view next() {
    rest_ = trimmed(rest_);
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t"));
    rest_.remove_prefix(word.size());
    return word;
  }
  uint64_t number() {
    uint64_t value = 0;
    (void)read_number(next(), value);
    return value;
  }

 private:
  std::string_view rest_;
};

Error malformed(const char* name) {
  return Error::because(EINVAL, cat("not the text of a /proc/PID/", name));
}

Result<uint64_t> number_of(std::string_view text, std::string_view line, const char* file) {
  uint64_t value = 0;
  if (!read_number(Cells(line_value(text, line)).next(), value)) return malformed(file);
  return value;
}

}  // namespace

std::string_view line_value(std::string_view text, std::string_view name) {
  for (Words lines(text, '\n'); !lines.empty();) {
    const std::string_view line = lines.next();
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':')
      return trimmed(line.substr(name.size() + 1));
  }
  return {};
}

// Fields after the name: 7 tty_nr, 14 utime, 15 stime, 16 cutime, 17 cstime, 22 starttime, 24 rss.
Result<ProcessUsage> parse_usage(std::string_view stat) {
  const size_t name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) return malformed("stat");
  constexpr size_t kFirst = 3;
  constexpr size_t kLast = 24;
  std::array<int64_t, kLast + 1> field{};
  Words words(stat.substr(name_end + 2));
  (void)words.next();  // the state, a letter
  for (size_t i = kFirst + 1; i <= kLast; ++i)
    if (!read_number(words.next(), field[i])) return malformed("stat");
  const auto natural = [&](size_t i) { return static_cast<uint64_t>(field[i]); };
  ProcessUsage usage;
  usage.terminal = static_cast<uint32_t>(field[7]);
  usage.own_ticks = natural(14) + natural(15);
  usage.reaped_ticks = natural(16) + natural(17);
  usage.start_time = natural(22);
  usage.resident = natural(24) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  return usage;
}

Result<ProcessUsage> read_usage(pid_t pid) {
  return parse_usage(TRY(read_of(pid, "stat")));
}

uint64_t ticks_per_second() {
  return static_cast<uint64_t>(::sysconf(_SC_CLK_TCK));
}

Result<uint64_t> ticks_since_boot() {
  const std::string text = TRY(read_record(cwd(), "/proc/uptime", kTextLimit));
  uint64_t seconds = 0;
  uint64_t hundredths = 0;
  Words words(Words(text).next(), '.');
  if (!read_number(words.next(), seconds) || !read_number(words.next(), hundredths))
    return Error::because(EINVAL, "/proc/uptime is none");
  return (seconds * 100 + hundredths) * ticks_per_second() / 100;
}

Result<uint64_t> read_proportional(pid_t pid) {
  const std::string text = TRY(read_of(pid, "smaps_rollup"));
  if (text.empty()) return uint64_t{0};  // a zombie has no memory
  return TRY(number_of(text, "Pss", "smaps_rollup")) * 1024;
}

Result<BlockUsage> read_block_usage(pid_t pid) {
  const std::string text = TRY(read_of(pid, "io"));
  const uint64_t read = TRY(number_of(text, "read_bytes", "io"));
  const uint64_t written = TRY(number_of(text, "write_bytes", "io"));
  return BlockUsage{read, written};
}

// "  eth0: BYTES PACKETS 6-MORE BYTES …" below two lines of headings.
NetUsage parse_net_usage(std::string_view dev) {
  NetUsage usage;
  for (Words lines(dev, '\n'); !lines.empty();) {
    const std::string_view line = lines.next();
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || trimmed(line.substr(0, colon)) == "lo") continue;
    Cells cells(line.substr(colon + 1));
    usage.received += cells.number();
    for (int i = 0; i < 7; ++i)
      (void)cells.number();
    usage.sent += cells.number();
  }
  return usage;
}

Result<NetUsage> read_net_usage(pid_t pid) {
  return parse_net_usage(TRY(read_of(pid, "net/dev")));
}

Result<ProcessIdentity> parse_identity(std::string_view status) {
  ProcessIdentity identity;
  identity.name = line_value(status, "Name");
  Cells uids(line_value(status, "Uid"));
  (void)uids.next();  // the real one
  if (!read_number(uids.next(), identity.uid)) return malformed("status");
  if (!read_number(line_value(status, "PPid"), identity.parent)) return malformed("status");
  // One for each pid namespace, ours first, the innermost last.
  Cells pids(line_value(status, "NSpid"));
  for (std::string_view pid = pids.next(); !pid.empty(); pid = pids.next())
    if (!read_number(pid, identity.inner_pid)) return malformed("status");
  return identity;
}

Result<ProcessIdentity> read_identity(pid_t pid) {
  return parse_identity(TRY(read_of(pid, "status")));
}

Result<std::vector<std::string>> read_command(pid_t pid) {
  const std::string text = TRY(read_of(pid, "cmdline"));
  std::vector<std::string> words;
  for (Words rest(text, '\0'); !rest.empty();)
    words.emplace_back(rest.next());
  return words;
}

Result<bool> share_network(pid_t one, pid_t other) {
  const struct stat first = TRY(stat_at(cwd(), cat("/proc/", one, "/ns/net").c_str()));
  const struct stat second = TRY(stat_at(cwd(), cat("/proc/", other, "/ns/net").c_str()));
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

}  // namespace wolffia::sys
