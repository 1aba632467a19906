// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace wolffia::overlay {

/// Threads that do what somebody will probably ask for next. They are started when there is
/// something to do for the first time, by which time the daemon is the process that stays.
class Ahead {
 public:
  explicit Ahead(unsigned threads);
  Ahead(const Ahead&) = delete;
  /// Waits for the threads; but one of them may be it that gives up the last image.
  ~Ahead();

  /// Forgets the oldest one where too much is waiting: nobody depends on it.
  void add(std::function<void()> job);

 private:
  struct State;  // outlives us in threads
  static void work(const std::shared_ptr<State>& state) noexcept;

  const unsigned most_;
  const std::shared_ptr<State> state_;
  std::vector<std::thread> threads_;  // guarded by the mutex of state_
};

}  // namespace wolffia::overlay
