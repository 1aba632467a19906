// SPDX-License-Identifier: Apache-2.0
#include "container/memory_kills.hpp"

#include <fcntl.h>

#include <utility>

#include "base/words.hpp"
#include "container/cgroups.hpp"
#include "sys/file.hpp"

namespace wolffia::container {
namespace {

constexpr size_t kFileLimit = 4096;

}  // namespace

MemoryKills MemoryKills::of(const State& state) {
  if (state.cgroup.empty()) return {};
  auto group = group_of(state);
  if (!group) return {};
  return {std::move(group).value(), state.cgroup_made != 0 || !state.scope.empty()};
}

MemoryKills::MemoryKills(cgroup::Group group, bool ours) : group_(std::move(group)) {
  auto events = sys::open_at(group_->directory(), "memory.events", O_RDONLY);
  if (!events) return;
  events_ = std::move(events).value();
  look();
  if (!ours) before_ = std::exchange(count_, 0);
}

void MemoryKills::look() {
  if (!events_) return;
  const auto rewound = sys::rewind(events_);
  const auto text = sys::read_all(events_, kFileLimit);
  if (!rewound || !text) return events_.reset();  // the cgroup is gone, and "ready" for ever
  for (Words lines(*text, '\n'); !lines.empty();) {
    Words line(lines.next());
    uint64_t number = 0;
    if (line.next() == "oom_kill" && read_number(line.next(), number)) count_ = number - before_;
  }
  const auto limit = group_->read("memory.max");
  if (limit) limit_ = *limit == "max" ? std::string() : *limit;
}

std::string MemoryKills::sentence(const std::string& id) const {
  return cat("the kernel killed ", count_, count_ == 1 ? " process" : " processes",
             " of container ", id, " for want of memory",
             limit_.empty() ? std::string() : cat(": its limit is ", limit_, " bytes"));
}

}  // namespace wolffia::container
