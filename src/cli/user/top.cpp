// SPDX-License-Identifier: Apache-2.0
#include <sys/sysmacros.h>

#include <array>
#include <map>
#include <optional>

#include "base/words.hpp"
#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/ground.hpp"
#include "cli/user/options_container.hpp"
#include "cli/user/session.hpp"
#include "cli/user/table.hpp"
#include "cli/user/usage.hpp"
#include "container/members.hpp"
#include "container/store.hpp"
#include "json/writer.hpp"
#include "sys/file.hpp"
#include "sys/process_usage.hpp"

/// top: the processes of a container, as they are seen inside.
namespace wolffia::cli::user {
namespace {

constexpr size_t kMapLimit = 64 << 10;

struct Process {
  pid_t host_pid = 0;
  sys::ProcessIdentity who;
  sys::ProcessUsage usage;
  std::vector<std::string> command;
  pid_t inner_parent = 0;  // 0: outside
  uint32_t inner_uid = 0;
  std::string user;  // its name inside, or the number
};

/// A process may end while we look: then it is left out.
std::optional<Process> look_at(pid_t pid) {
  auto who = sys::read_identity(pid);
  const auto usage = sys::read_usage(pid);
  auto command = sys::read_command(pid);
  if (!who || !usage || !command) return {};
  Process process;
  process.host_pid = pid;
  process.usage = *usage;
  process.command = std::move(command).value();
  if (process.command.empty()) process.command.push_back(cat("[", who->name, "]"));
  process.who = std::move(who).value();
  return process;
}

/// `uid` as we see it, as processes inside see it. Source: user_namespaces(7), uid_map: its second
/// column is of the namespace of whoever reads it.
uint32_t inside(uint32_t uid, std::string_view map) {
  for (Words lines(map, '\n'); !lines.empty();) {
    std::array<uint32_t, 3> row{};
    const std::string_view line = lines.next();
    size_t at = 0;
    for (Words words(line); !words.empty() && at < row.size();)
      if (const std::string_view word = words.next(); !word.empty())
        if (!read_number(word, row[at++])) return uid;
    if (at == row.size() && uid >= row[1] && uid - row[1] < row[2]) return row[0] + (uid - row[1]);
  }
  return uid;
}

/// NAME:PASSWORD:UID:… Source: passwd(5).
std::string name_of(uint32_t uid, std::string_view passwd) {
  for (Words lines(passwd, '\n'); !lines.empty();) {
    Words fields(lines.next(), ':');
    const std::string_view name = fields.next();
    (void)fields.next();
    uint32_t number = 0;
    if (!name.empty() && read_number(fields.next(), number) && number == uid)
      return std::string(name);
  }
  return cat(uid);
}

std::vector<Process> look_at_all(const std::vector<container::Member>& members,
                                 const Known& known) {
  const std::string proc = cat("/proc/", known.init.pid);
  const auto map = sys::read_file(sys::cwd(), cat(proc, "/uid_map").c_str(), kMapLimit);
  const auto tables = read_user_tables(cat(proc, "/root"));
  std::vector<Process> processes;
  std::map<pid_t, pid_t> inner_pids;
  for (const container::Member& member : members) {
    auto process = look_at(member.pid);
    if (!process) continue;
    process->inner_uid = inside(process->who.uid, map ? *map : std::string());
    process->user = name_of(process->inner_uid, tables ? tables->passwd : std::string());
    inner_pids[process->host_pid] = process->who.inner_pid;
    processes.push_back(*std::move(process));
  }
  for (Process& process : processes)
    if (const auto parent = inner_pids.find(process.who.parent); parent != inner_pids.end())
      process.inner_parent = parent->second;
  return processes;
}

/// As ps(1) has it: [[DD-]hh:]mm:ss, or with every column.
std::string clock_text(uint64_t seconds) {
  const auto two = [](uint64_t number) { return cat(number < 10 ? "0" : "", number); };
  const uint64_t days = seconds / 86400;
  std::string text = days == 0 ? "" : cat(days, "-");
  text += cat(two(seconds / 3600 % 24), ":", two(seconds / 60 % 60), ":", two(seconds % 60));
  return text;
}

/// Source: devices.txt of the kernel: 136 and the seven after it are pseudo terminals.
std::string terminal_name(uint32_t device) {
  constexpr unsigned kFirstPty = 136;
  constexpr unsigned kLastPty = 143;
  if (device == 0) return "?";
  const unsigned kind = major(device);
  if (kind < kFirstPty || kind > kLastPty) return cat(kind, ":", minor(device));
  return cat("pts/", (kind - kFirstPty) * 256 + minor(device));
}

struct Times {
  uint64_t elapsed = 0, cpu = 0;  // seconds
  std::string percent;
};

Times times_of(const Process& process, uint64_t now) {
  const sys::ProcessUsage& usage = process.usage;
  Usage whole;
  whole.cpu_microseconds = microseconds(usage.own_ticks);
  const uint64_t ticks = now > usage.start_time ? now - usage.start_time : 0;
  whole.run_microseconds = microseconds(ticks);
  return {ticks / sys::ticks_per_second(), usage.own_ticks / sys::ticks_per_second(),
          percent_text(cpu_percent(whole, nullptr))};
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words)
    out += cat(out.empty() ? "" : " ", word);
  return out;
}

std::string as_table(const std::vector<Process>& processes, uint64_t now) {
  std::vector<std::vector<std::string>> rows{
      {"USER", "PID", "PPID", "%CPU", "ELAPSED", "TTY", "TIME", "COMMAND"}};
  for (const Process& process : processes) {
    const Times times = times_of(process, now);
    rows.push_back({process.user, cat(process.who.inner_pid), cat(process.inner_parent),
                    times.percent, clock_text(times.elapsed), terminal_name(process.usage.terminal),
                    clock_text(times.cpu), joined(process.command)});
  }
  return table(rows);
}

/// The schema of `top --json`: wolffia(1).
std::string as_json(const std::vector<Process>& processes, uint64_t now) {
  json::Writer out("  ");
  out.begin_array();
  for (const Process& process : processes) {
    const Times times = times_of(process, now);
    out.begin_object().member("user", process.user).member("uid", process.inner_uid);
    out.member("pid", process.who.inner_pid).member("ppid", process.inner_parent);
    out.member("hostPid", process.host_pid).key("cpuPercent").raw(times.percent);
    out.member("elapsedSeconds", times.elapsed);
    out.member("tty", terminal_name(process.usage.terminal));
    out.member("cpuSeconds", times.cpu).member("command", process.command).end_object();
  }
  out.end_array();
  return std::move(out).take() + "\n";
}

}  // namespace

Result<int> run_top(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Known known = TRY(session.running(arguments));
  const container::Store store = TRY(container::Store::open(known.record.state_root));
  const container::Listing listing = TRY(container::inspect(store, known.record.id));
  const auto processes = look_at_all(TRY(container::members(listing.state)), known);
  const uint64_t now = TRY(sys::ticks_since_boot());
  TRY(print(arguments.has(kJson) ? as_json(processes, now) : as_table(processes, now)));
  return 0;
}

}  // namespace wolffia::cli::user
