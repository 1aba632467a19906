// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace wolffia::overlay {

/// Threads that do what somebody will probably ask for next. They are started when there is
/// something to do for the first time, by which time the daemon is the process that stays.
class Ahead {
 public:
  explicit Ahead(unsigned threads) : most_(threads) {}
  Ahead(const Ahead&) = delete;
  ~Ahead();

  /// Forgets the oldest one where too much is waiting: nobody depends on it.
  void add(std::function<void()> job);

 private:
  void work() noexcept;

  const unsigned most_;
  std::mutex mutex_;
  std::condition_variable waiting_;
  std::deque<std::function<void()>> jobs_;  // guarded by mutex_
  std::vector<std::thread> threads_;        // guarded by mutex_
  unsigned idle_ = 0;                       // guarded by mutex_
  bool ends_ = false;                       // guarded by mutex_
};

}  // namespace wolffia::overlay
