// SPDX-License-Identifier: Apache-2.0
#include "cli/user/limits.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cli/user/options.hpp"

namespace wolffia::cli::user {
namespace {

using Giver = cgroup::Place::Giver;

/// A limit of --memory and its like, and the resource that takes the place of its cgroup.
struct Substitute {
  std::string_view option, controller;
  uint64_t Limits::*limit;
  std::string_view type;   // RLIMIT_*; empty: there is none
  std::string_view means;  // what that resource counts
};

// RLIMIT_DATA counts what a process can write to and nobody shares, since Linux 4.7; RLIMIT_NPROC
// counts by user namespace since Linux 5.14.
constexpr std::array kSubstitutes{
    Substitute{"--memory", "memory", &Limits::memory, "RLIMIT_DATA", "the data of each process"},
    Substitute{"--cpus", "cpu", &Limits::cpu_thousandths, "", ""},
    Substitute{"--pids-limit", "pids", &Limits::pids, "RLIMIT_NPROC",
               "the processes of each user inside"},
};

/// A later --ulimit of a type takes the place of an earlier one: the runtime refuses two.
void add(std::vector<Ulimit>& limits, const Ulimit& limit) {
  const auto known = std::find_if(limits.begin(), limits.end(),
                                  [&](const Ulimit& one) { return one.type == limit.type; });
  if (known == limits.end())
    limits.push_back(limit);
  else
    *known = limit;
}

Result<void> substitute(const Substitute& one, const Limits& limits, LimitPlan& plan) {
  const uint64_t asked = limits.*one.limit;
  if (!one.type.empty()) {
    add(plan.rlimits, {std::string(one.type), asked, asked});
    plan.sentences.push_back(
        cat(one.option, ": rlimit: it limits ", one.means, ", as no cgroup limits them together"));
    return {};
  }
  if (limits.strict)
    return Error::because(
        ENOTSUP, cat(one.option, " cannot be applied: it needs a cgroup with the ", "controller ",
                     one.controller,
                     ", and nobody gives you one (wolffia doctor); leave --strict "
                     "out to run without"));
  plan.sentences.push_back(cat(one.option, ": not applied: it needs a cgroup"));
  return {};
}

}  // namespace

cgroup::Place place_for_limits(const RunRequest& request, uint32_t uid) {
  const Limits& limits = request.limits;
  if (limits.memory == 0 && limits.cpu_thousandths == 0 && limits.pids == 0) return {};
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return cgroup::find_place(uid, runtime ? runtime : "");
}

Result<LimitPlan> plan_limits(const RunRequest& request, const cgroup::Place& place) {
  LimitPlan plan;
  plan.limits_swap = place.limits_swap;
  if (place.giver == Giver::Systemd) plan.manager = plan::CgroupManager::Systemd;
  const char* giver = place.giver == Giver::Systemd ? ", of a scope of your systemd" : "";
  for (const Substitute& one : kSubstitutes) {
    if (request.limits.*one.limit == 0) continue;
    if (place.giver == Giver::Nobody || !place.offers(one.controller)) {
      TRY(substitute(one, request.limits, plan));
      continue;
    }
    plan.by_cgroup.*one.limit = request.limits.*one.limit;
    plan.kept.push_back(cat(one.option, ": cgroup: it limits all processes together", giver));
  }
  for (const Ulimit& limit : request.rlimits)
    add(plan.rlimits, limit);
  return plan;
}

Result<oci::Resources> resources_to_change(const Arguments& arguments, bool limits_swap) {
  constexpr int64_t kNone = -1;
  const auto signed_or_none = [](uint64_t limit) {
    return limit == 0 ? kNone : static_cast<int64_t>(std::min<uint64_t>(limit, INT64_MAX));
  };
  Limits limits;
  TRY(read_group_limits(arguments, limits));
  oci::Resources changed;
  if (arguments.has(kMemory)) changed.memory.limit = signed_or_none(limits.memory);
  if (arguments.has(kMemory) && limits_swap)
    changed.memory.swap = signed_or_none(limits.memory * 2);
  if (arguments.has(kCpus)) {
    changed.cpu.quota = signed_or_none(cpu_quota(limits.cpu_thousandths));
    changed.cpu.period = kCpuPeriod;
  }
  if (arguments.has(kPidsLimit)) changed.pids = signed_or_none(limits.pids);
  return changed;
}

}  // namespace wolffia::cli::user
