// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "cgroup/group.hpp"
#include "container/state.hpp"
#include "sys/fd.hpp"

namespace wolffia::container {

/// How many processes of a container the kernel kills for want of memory, of its cgroup's own or of
/// the machine. To be watched while it runs: systemd removes the cgroup of a scope, which knows, as
/// soon as that is empty. Source: memory.events, Documentation/admin-guide/cgroup-v2.rst.
class MemoryKills {
 public:
  MemoryKills() = default;
  /// Of a container without a cgroup, or one that does not count memory: none, ever.
  static MemoryKills of(const State& state);
  /// In a cgroup that is not `ours` alone, what it has counted so far is not the container's.
  MemoryKills(cgroup::Group group, bool ours);

  /// To be polled for POLLPRI: then, and when the container has ended, look(). Empty: not watched.
  const sys::Fd& file() const { return events_; }
  void look();
  /// As of the last look.
  uint64_t count() const { return count_; }
  /// About so many of container `id`, with its limit where it has one.
  std::string sentence(const std::string& id) const;

 private:
  std::optional<cgroup::Group> group_;
  sys::Fd events_;
  uint64_t before_ = 0;  // what was counted in a cgroup that others had used
  uint64_t count_ = 0;
  std::string limit_;  // of memory.max, in bytes; empty: none
};

}  // namespace wolffia::container
