// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

#include "cgroup/group.hpp"

namespace wolffia::cgroup {

/// What the processes of a cgroup and those below take together. nullopt: not counted here, as its
/// controller is not enabled; a limit that is nullopt: none.
struct Usage {
  std::optional<uint64_t> cpu_microseconds;
  std::optional<uint64_t> memory, memory_limit;        // bytes
  std::optional<uint64_t> processes, processes_limit;  // threads count as well
  std::optional<uint64_t> read_bytes, written_bytes;   // of all block devices
};

/// Source: Documentation/admin-guide/cgroup-v2.rst.
Usage read_usage(const Group& group);

}  // namespace wolffia::cgroup
