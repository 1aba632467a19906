// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"
#include "plan/plan.hpp"

namespace wolffia::plan {

/// What a cgroup that has limits already says of those that one write changes together.
struct CurrentLimits {
  std::string cpu_quota = "max";  // microseconds or "max": the words of cpu.max
  std::string cpu_period = "100000";
  std::string memory_max = "max";  // bytes or "max"
  bool counts_swap = false;        // whether there is a limit of it
};

/// The writes that apply `resources` to a cgroup of the v2 hierarchy, in an order that the kernel
/// takes. Where `current` is null the cgroup is new: what asks for no limit is not written. Fields
/// that only the v1 hierarchy has are told to `notices`.
/// Source: Documentation/admin-guide/cgroup-v2.rst; runtime-spec config-linux.md.
/// Errors: EINVAL, a sentence naming the field.
Result<std::vector<CgroupWrite>> plan_limits(const oci::Resources& resources,
                                             const CurrentLimits* current,
                                             std::vector<std::string>& notices);

/// cpu.weight, 1 to 10000, for the cpu.shares of the v1 hierarchy, 2 to 262144, so that the
/// defaults of both, 100 and 1024, are one: an exponential with that point.
uint64_t weight_of_shares(uint64_t shares);

}  // namespace wolffia::plan
