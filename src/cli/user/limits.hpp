// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/place.hpp"
#include "cli/user/request.hpp"
#include "plan/make_plan.hpp"

namespace wolffia::cli::user {

/// How the limits that were asked for are kept: together by a cgroup, where somebody gives one;
/// else for each process (setrlimit(2)), or not at all.
struct LimitPlan {
  Limits by_cgroup;                                             // those that one keeps; 0: another
  bool limits_swap = false;                                     // --memory limits that too
  plan::CgroupManager manager = plan::CgroupManager::Cgroupfs;  // of that cgroup
  std::vector<Ulimit> rlimits;         // --ulimit, and what takes the place of a cgroup
  std::vector<std::string> kept;       // one sentence for each limit that a cgroup keeps
  std::vector<std::string> sentences;  // one for each that none keeps
};

/// The option of wolffia-oci for that manager.
inline constexpr const char* kBySystemd = "--systemd-cgroup";

/// Where a cgroup for the limits could be had; looked for only where there are any. `uid` is the
/// caller's as the host counts.
cgroup::Place place_for_limits(const RunRequest& request, uint32_t uid);

/// Errors: ENOTSUP with --strict, naming the first limit that is not applied.
Result<LimitPlan> plan_limits(const RunRequest& request, const cgroup::Place& place);

/// What --memory, --cpus and --pids-limit change of a cgroup that has limits; 0 lifts one. Swap is
/// limited with memory where the kernel counts it.
Result<oci::Resources> resources_to_change(const Arguments& arguments, bool limits_swap);

/// Of --cpus: so many microseconds of each period, which is the kernel's own.
inline constexpr uint64_t kCpuPeriod = 100000;
inline uint64_t cpu_quota(uint64_t thousandths) {
  return thousandths * kCpuPeriod / 1000;
}

}  // namespace wolffia::cli::user
