// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

/// runtime-spec config.md, "scheduler", by the numbers of linux/sched.h.
namespace wolffia::oci {

/// The index is the number.
inline constexpr std::array<std::string_view, 7> kSchedulingPolicies{
    "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR",      "SCHED_BATCH",
    "SCHED_ISO",   "SCHED_IDLE", "SCHED_DEADLINE"};

/// The index is the bit.
inline constexpr std::array<std::string_view, 7> kSchedulerFlags{
    "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM",     "SCHED_FLAG_DL_OVERRUN",
    "SCHED_FLAG_KEEP_POLICY",   "SCHED_FLAG_KEEP_PARAMS", "SCHED_FLAG_UTIL_CLAMP_MIN",
    "SCHED_FLAG_UTIL_CLAMP_MAX"};

}  // namespace wolffia::oci
