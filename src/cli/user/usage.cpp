// SPDX-License-Identifier: Apache-2.0
#include "cli/user/usage.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>

#include "container/members.hpp"
#include "container/store.hpp"

namespace wolffia::cli::user {
namespace {

/// A process may end while we look: then it counts no more.
void add(Usage& usage, pid_t pid) {
  const auto seen = sys::read_usage(pid);
  if (!seen) return;
  ++usage.processes;
  usage.cpu_ticks += seen->own_ticks + seen->reaped_ticks;
  const auto proportional = sys::read_proportional(pid);
  if (!proportional) usage.shared_in_parts = false;
  usage.memory += proportional ? *proportional : seen->resident;
  const auto block = sys::read_block_usage(pid);
  if (!block || !usage.block) {
    usage.block.reset();
    return;
  }
  usage.block->read += block->read;
  usage.block->written += block->written;
}

Result<std::vector<container::Member>> members_of(const Known& known) {
  const container::Store store = TRY(container::Store::open(known.record.state_root));
  const container::Listing listing = TRY(container::inspect(store, known.record.id));
  return container::members(listing.state);
}

}  // namespace

Result<Usage> measure(const Known& known) {
  const pid_t init = known.init.pid;
  const sys::ProcessUsage first = TRY(sys::read_usage(init));
  if (first.start_time != known.init.start_time)
    return Error::because(ESRCH, cat("container ", known.record.id, " has ended"));
  Usage usage;
  usage.run_ticks = TRY(sys::ticks_since_boot()) - first.start_time;
  usage.block.emplace();
  for (const container::Member& member : TRY(members_of(known)))
    add(usage, member.pid);
  const auto shared = sys::share_network(init, ::getpid());
  const auto net = sys::read_net_usage(init);
  if (shared && !*shared && net) usage.net = *net;
  return usage;
}

double cpu_percent(const Usage& now, const Usage* before) {
  const auto share = [](uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
  };
  if (!before || now.cpu_ticks < before->cpu_ticks) return share(now.cpu_ticks, now.run_ticks);
  return share(now.cpu_ticks - before->cpu_ticks, now.run_ticks - before->run_ticks);
}

std::string percent_text(double percent) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.2f", percent);
  return text.data();
}

}  // namespace wolffia::cli::user
