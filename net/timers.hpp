// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <optional>

namespace wolffia::net {

/// All that happens later, in one queue.
class Timers {
 public:
  using Time = std::chrono::milliseconds;  // of a clock that never goes back
  using Id = uint64_t;

  /// A timer that is not set yet.
  Id add(std::function<void()> run);
  /// It runs once, at `when`, in place of what was set before.
  void set(Id id, Time when);
  void stop(Id id);
  void remove(Id id);

  /// When the next one is due; nullopt where none is set.
  std::optional<Time> next() const;
  /// Runs what is due; each may set itself and others.
  void run(Time now);

 private:
  struct Timer {
    std::function<void()> run;
    std::optional<Time> when;
  };
  std::map<Id, Timer> timers_;
  std::multimap<Time, Id> queue_;
  Id last_ = 0;
};

/// Now, for Timers and for libslirp. Source: CLOCK_MONOTONIC in clock_gettime(2).
inline std::chrono::nanoseconds now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}
inline Timers::Time now_ms() {
  return std::chrono::duration_cast<Timers::Time>(now());
}

}  // namespace wolffia::net
