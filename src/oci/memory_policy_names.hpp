// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string_view>

/// runtime-spec config-linux.md, "Memory policy", by the numbers of linux/mempolicy.h, of which
/// headers of Linux before 6.9 lack the weighted mode.
namespace wolffia::oci {

/// The index is the number.
inline constexpr std::array<std::string_view, 7> kMemoryPolicies{
    "MPOL_DEFAULT",        "MPOL_PREFERRED",          "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_LOCAL",
    "MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE"};

/// The first is this bit of the mode, the others follow.
inline constexpr unsigned kFirstMemoryPolicyFlag = 13;
inline constexpr std::array<std::string_view, 3> kMemoryPolicyFlags{
    "MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"};

}  // namespace wolffia::oci
