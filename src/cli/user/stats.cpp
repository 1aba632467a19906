// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <map>

#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/options_container.hpp"
#include "cli/user/session.hpp"
#include "cli/user/table.hpp"
#include "cli/user/usage.hpp"
#include "json/writer.hpp"
#include "sys/tty.hpp"

/// stats: what containers take.
namespace wolffia::cli::user {
namespace {

constexpr int kInterval = 1000;  // milliseconds

struct Row {
  Record record;
  Usage usage;
  double cpu = 0;
};

/// Those that are named, or all that run.
Result<std::vector<Known>> chosen(const Session& session, const Arguments& arguments) {
  std::vector<Known> all;
  if (arguments.positionals().empty()) {
    for (Known& known : TRY(examine_all(session.containers)))
      if (known.phase == Phase::Running) all.push_back(std::move(known));
    return all;
  }
  for (const std::string_view word : arguments.positionals()) {
    Known known = TRY(examine(TRY(session.containers.find(word))));
    TRY(expect_running(known));
    all.push_back(std::move(known));
  }
  return all;
}

/// What they took last time, by id.
using History = std::map<std::string, Usage>;

std::vector<Row> look(std::vector<Known> containers, History& history) {
  std::vector<Row> rows;
  for (Known& known : containers) {
    const auto usage = measure(known);
    if (!usage) continue;  // it has just ended
    const auto before = history.find(known.record.id);
    const Usage* last = before == history.end() ? nullptr : &before->second;
    rows.push_back({std::move(known.record), *usage, cpu_percent(*usage, last)});
    history[rows.back().record.id] = *usage;
  }
  return rows;
}

std::string pair_text(uint64_t one, uint64_t other) {
  return cat(readable_size(one), " / ", readable_size(other));
}

std::string of_limit(std::string_view text, const std::optional<uint64_t>& limit) {
  return limit ? cat(text, " / ", *limit) : std::string(text);
}

std::string memory_text(const Usage& usage) {
  const std::string limit =
      usage.memory_limit ? cat(" / ", readable_size(*usage.memory_limit)) : std::string();
  return cat(readable_size(usage.memory), limit, " ", source_name(usage.memory_source));
}

std::string as_table(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> cells{
      {"CONTAINER", "NAME", "CPU %", "MEMORY", "NET I/O", "BLOCK I/O", "PIDS"}};
  for (const auto& [record, usage, cpu] : rows)
    cells.push_back({record.id, record.name, percent_text(cpu), memory_text(usage),
                     usage.net ? pair_text(usage.net->received, usage.net->sent) : "the host's",
                     usage.block ? pair_text(usage.block->read, usage.block->written) : "unknown",
                     of_limit(cat(usage.processes), usage.processes_limit)});
  return table(cells);
}

void member_or_null(json::Writer& out, std::string_view name, bool known, uint64_t number) {
  out.key(name);
  if (known)
    out.value(number);
  else
    out.null();
}

/// The schema of `stats --json`: wolffia(1).
std::string as_json(const std::vector<Row>& rows) {
  json::Writer out("  ");
  out.begin_array();
  for (const auto& [record, usage, cpu] : rows) {
    out.begin_object().member("id", record.id).member("name", record.name);
    out.key("cpuPercent").raw(percent_text(cpu));
    out.member("cpuMilliseconds", usage.cpu_microseconds / 1000);
    out.member("memoryBytes", usage.memory);
    out.member("memorySource", source_name(usage.memory_source));
    member_or_null(out, "memoryLimitBytes", usage.memory_limit.has_value(),
                   usage.memory_limit.value_or(0));
    const sys::NetUsage net = usage.net.value_or(sys::NetUsage{});
    member_or_null(out, "netReceivedBytes", usage.net.has_value(), net.received);
    member_or_null(out, "netSentBytes", usage.net.has_value(), net.sent);
    const sys::BlockUsage block = usage.block.value_or(sys::BlockUsage{});
    member_or_null(out, "blockReadBytes", usage.block.has_value(), block.read);
    member_or_null(out, "blockWrittenBytes", usage.block.has_value(), block.written);
    out.member("pids", usage.processes);
    member_or_null(out, "pidsLimit", usage.processes_limit.has_value(),
                   usage.processes_limit.value_or(0));
    out.end_object();
  }
  out.end_array();
  return std::move(out).take() + "\n";
}

/// Anew each second, in place of the last table, until none of those that are named runs.
Result<int> stream(const Session& session, const Arguments& arguments) {
  constexpr std::string_view kHomeAndClear = "\033[H\033[J";
  History history;
  for (;;) {
    auto containers = chosen(session, arguments);
    if (!containers && !history.empty()) return 0;  // one of them has ended
    const std::vector<Row> rows = look(TRY(std::move(containers)), history);
    TRY(print(cat(kHomeAndClear, as_table(rows))));
    (void)::poll(nullptr, 0, kInterval);
  }
}

}  // namespace

Result<int> run_stats(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const bool once = arguments.has(kNoStream) || arguments.has(kJson);
  if (!once && sys::is_terminal(STDOUT_FILENO)) return stream(session, arguments);
  History history;
  const std::vector<Row> rows = look(TRY(chosen(session, arguments)), history);
  TRY(print(arguments.has(kJson) ? as_json(rows) : as_table(rows)));
  return 0;
}

}  // namespace wolffia::cli::user
