// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string_view>

namespace wolffia::overlay {

/// As many threads as this process may use processors, by its affinity and the quotas of its
/// cgroups; at least two, so that a slow request does not hold up all others.
unsigned default_threads();

/// How many processors a quota is worth, begun ones included; nullopt for no quota.
/// Source: cpu.max in cgroup-v2.rst, "QUOTA PERIOD".
std::optional<unsigned> processors_of_quota(std::string_view cpu_max);

/// The group of the second hierarchy in the text of /proc/self/cgroup; empty: none.
/// Source: cgroups(7), "0::/path".
std::string_view unified_cgroup(std::string_view text);

}  // namespace wolffia::overlay
