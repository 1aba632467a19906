// SPDX-License-Identifier: Apache-2.0
#include "cli/user/limits.hpp"

#include <algorithm>
#include <array>

namespace wolffia::cli::user {
namespace {

/// A limit of --memory and its like, and the resource that takes the place of its cgroup.
struct Substitute {
  std::string_view option;
  uint64_t asked;
  std::string_view type;   // RLIMIT_*; empty: there is none
  std::string_view means;  // what that resource counts
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

}  // namespace

Result<LimitPlan> plan_limits(const RunRequest& request) {
  const Limits& limits = request.limits;
  // RLIMIT_DATA counts what a process can write to and nobody shares, since Linux 4.7; RLIMIT_NPROC
  // counts by user namespace since Linux 5.14.
  const std::array substitutes{
      Substitute{"--memory", limits.memory, "RLIMIT_DATA", "the data of each process"},
      Substitute{"--cpus", limits.cpu_thousandths, "", ""},
      Substitute{"--pids-limit", limits.pids, "RLIMIT_NPROC", "the processes of each user inside"},
  };
  LimitPlan plan;
  for (const Substitute& one : substitutes) {
    if (one.asked == 0) continue;
    if (one.type.empty()) {
      if (limits.strict)
        return Error::because(
            ENOTSUP, cat(one.option, " cannot be applied: it needs a cgroup, which this release ",
                         "does not use; leave --strict out to run without"));
      plan.sentences.push_back(cat(one.option, ": not applied: it needs a cgroup"));
      continue;
    }
    add(plan.rlimits, {std::string(one.type), one.asked, one.asked});
    plan.sentences.push_back(
        cat(one.option, ": rlimit: it limits ", one.means, ", as no cgroup limits them together"));
  }
  for (const Ulimit& limit : request.rlimits)
    add(plan.rlimits, limit);
  return plan;
}

}  // namespace wolffia::cli::user
