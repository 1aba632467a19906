// SPDX-License-Identifier: Apache-2.0
#include <sched.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "oci/scheduler_names.hpp"
#include "plan/capabilities.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

/// The priorities of SCHED_FIFO and SCHED_RR. Source: sched(7).
constexpr int kMostRealTimePriority = 99;

/// Bits of flags that set a value which config.json has no field for.
constexpr std::array<unsigned, 2> kValuedFlags{5, 6};

/// Each name once: the last value wins, in the place where the name first stood. Slurm's
/// environment holds such duplicates, and getenv(3) would find the first.
std::vector<std::string> unique_env(const std::vector<std::string>& env) {
  std::unordered_map<std::string_view, size_t> places;
  std::vector<std::string> unique;
  unique.reserve(env.size());
  for (const std::string& entry : env) {
    const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    const auto [place, is_new] = places.try_emplace(name, unique.size());
    if (is_new) {
      unique.push_back(entry);
    } else {
      unique[place->second] = entry;
    }
  }
  return unique;
}

/// What the kernel would take or ignore without a word, or refuse without a name.
Result<void> check_scheduler(const oci::Scheduler& scheduler) {
  constexpr uint32_t kIso = 4;  // sched.h reserves it
  if (scheduler.policy == kIso)
    return Error::because(ENOTSUP, "process.scheduler.policy SCHED_ISO is in no kernel");
  for (const unsigned bit : kValuedFlags)
    if (scheduler.flags >> bit & 1)
      return Error::because(ENOTSUP, cat("process.scheduler.flags: ", oci::kSchedulerFlags[bit],
                                         " needs a value, and config.json has no field for it"));
  const bool real_time = scheduler.policy == SCHED_FIFO || scheduler.policy == SCHED_RR;
  if (!real_time && scheduler.priority != 0)
    return Error::because(EINVAL, "process.scheduler.priority belongs to SCHED_FIFO and SCHED_RR");
  if (real_time && (scheduler.priority < 1 || scheduler.priority > kMostRealTimePriority))
    return Error::because(
        EINVAL, cat("process.scheduler.priority must be from 1 to ", kMostRealTimePriority));
  const bool timed = scheduler.runtime != 0 || scheduler.deadline != 0 || scheduler.period != 0;
  if (timed && scheduler.policy != SCHED_DEADLINE)
    return Error::because(EINVAL,
                          "process.scheduler: runtime, deadline and period belong to "
                          "SCHED_DEADLINE");
  if (scheduler.nice < -20 || scheduler.nice > 19)
    return Error::because(EINVAL, "process.scheduler.nice must be from -20 to 19");
  return {};
}

}  // namespace

Result<ProcessPlan> make_process_plan(const oci::Process& process, const Options& options,
                                      const SecurityModules& modules,
                                      std::vector<std::string>& notices) {
  if (process.scheduler) TRY(check_scheduler(*process.scheduler));
  ProcessPlan plan;
  plan.args = process.args;
  plan.env = unique_env(process.env);
  plan.cwd = process.cwd;
  plan.uid = {process.user.uid};
  plan.gid = {process.user.gid};
  plan.additional_gids = process.user.additional_gids;
  plan.umask = process.user.umask;
  plan.rlimits = process.rlimits;
  plan.capabilities = plan_capabilities(process.capabilities, notices);
  plan.no_new_privileges = process.no_new_privileges;
  plan.labels = TRY(plan_labels(process, modules));
  plan.oom_score_adj = process.oom_score_adj;
  plan.terminal = process.terminal;
  if (process.terminal && process.console_size) plan.console_size = *process.console_size;
  plan.io_priority = process.io_priority;
  plan.scheduler = process.scheduler;
  plan.new_keyring = options.new_keyring;
  plan.preserve_fds = options.preserve_fds;
  return plan;
}

void add_linux(const oci::Linux& linux, ProcessPlan& process) {
  process.personality = linux.personality;
  process.memory_policy = linux.memory_policy;
}

}  // namespace wolffia::plan
