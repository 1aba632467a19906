// SPDX-License-Identifier: Apache-2.0
#include "net/timers.hpp"

#include <vector>

namespace wolffia::net {

Timers::Id Timers::add(std::function<void()> run) {
  timers_[++last_].run = std::move(run);
  return last_;
}

void Timers::stop(Id id) {
  const auto timer = timers_.find(id);
  if (timer == timers_.end() || !timer->second.when) return;
  const auto [first, last] = queue_.equal_range(*timer->second.when);
  for (auto it = first; it != last; ++it)
    if (it->second == id) {
      queue_.erase(it);
      break;
    }
  timer->second.when.reset();
}

void Timers::set(Id id, Time when) {
  stop(id);
  const auto timer = timers_.find(id);
  if (timer == timers_.end()) return;
  timer->second.when = when;
  queue_.emplace(when, id);
}

void Timers::remove(Id id) {
  stop(id);
  timers_.erase(id);
}

std::optional<Timers::Time> Timers::next() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first;
}

/// What is due is noted first: one that sets itself to now waits for the next round.
void Timers::run(Time now) {
  std::vector<Id> due;
  for (auto it = queue_.begin(); it != queue_.end() && it->first <= now; ++it)
    due.push_back(it->second);
  for (const Id id : due) {
    const auto timer = timers_.find(id);
    if (timer == timers_.end() || !timer->second.when || *timer->second.when > now) continue;
    stop(id);
    const auto run = timer->second.run;  // it may remove itself
    run();
  }
}

}  // namespace wolffia::net
