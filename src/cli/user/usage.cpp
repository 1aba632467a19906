// SPDX-License-Identifier: Apache-2.0
#include "cli/user/usage.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>

#include "container/cgroups.hpp"
#include "container/members.hpp"
#include "container/store.hpp"

namespace wolffia::cli::user {
namespace {

/// A process may end while we look: then it counts no more.
void add(Usage& usage, pid_t pid) {
  const auto seen = sys::read_usage(pid);
  if (!seen) return;
  ++usage.processes;
  usage.cpu_microseconds += microseconds(seen->own_ticks + seen->reaped_ticks);
  const auto proportional = sys::read_proportional(pid);
  if (!proportional) usage.memory_source = Usage::Source::Rss;
  usage.memory += proportional ? *proportional : seen->resident;
  const auto block = sys::read_block_usage(pid);
  if (!block || !usage.block) {
    usage.block.reset();
    return;
  }
  usage.block->read += block->read;
  usage.block->written += block->written;
}

Result<container::State> state_of(const Known& known) {
  const container::Store store = TRY(container::Store::open(known.record.state_root));
  return TRY(container::inspect(store, known.record.id)).state;
}

}  // namespace

uint64_t microseconds(uint64_t ticks) {
  return ticks * 1'000'000 / sys::ticks_per_second();
}

Result<Usage> measure(const Known& known) {
  const pid_t init = known.init.pid;
  const sys::ProcessUsage first = TRY(sys::read_usage(init));
  if (first.start_time != known.init.start_time)
    return Error::because(ESRCH, cat("container ", known.record.id, " has ended"));
  Usage usage;
  usage.run_microseconds = microseconds(TRY(sys::ticks_since_boot()) - first.start_time);
  usage.block.emplace();
  const container::State state = TRY(state_of(known));
  for (const container::Member& member : TRY(container::members(state)))
    add(usage, member.pid);
  if (!state.cgroup.empty())
    if (const auto group = container::group_of(state); group)
      take_from(cgroup::read_usage(*group), usage);
  const auto shared = sys::share_network(init, ::getpid());
  const auto net = sys::read_net_usage(init);
  if (shared && !*shared && net) usage.net = *net;
  return usage;
}

void take_from(const cgroup::Usage& group, Usage& usage) {
  if (group.cpu_microseconds) usage.cpu_microseconds = *group.cpu_microseconds;
  if (group.memory) {
    usage.memory = *group.memory;
    usage.memory_source = Usage::Source::Cgroup;
  }
  usage.memory_limit = group.memory_limit;
  if (group.processes) usage.processes = *group.processes;
  usage.processes_limit = group.processes_limit;
  if (group.read_bytes && group.written_bytes)
    usage.block = sys::BlockUsage{.read = *group.read_bytes, .written = *group.written_bytes};
}

const char* source_name(Usage::Source source) {
  constexpr std::array kNames{"pss", "rss", "cgroup"};
  return kNames[static_cast<size_t>(source)];
}

double cpu_percent(const Usage& now, const Usage* before) {
  const auto share = [](uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
  };
  if (!before || now.cpu_microseconds < before->cpu_microseconds)
    return share(now.cpu_microseconds, now.run_microseconds);
  return share(now.cpu_microseconds - before->cpu_microseconds,
               now.run_microseconds - before->run_microseconds);
}

std::string percent_text(double percent) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.2f", percent);
  return text.data();
}

}  // namespace wolffia::cli::user
