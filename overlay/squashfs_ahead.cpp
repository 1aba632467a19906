// SPDX-License-Identifier: Apache-2.0
#include "overlay/squashfs_ahead.hpp"

#include <system_error>

namespace wolffia::overlay {
namespace {

constexpr size_t kMostWaiting = 64;

}  // namespace

Ahead::~Ahead() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    jobs_.clear();
  }
  waiting_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

void Ahead::add(std::function<void()> job) {
  std::function<void()> forgotten;  // destroyed after the lock is given up
  const std::lock_guard lock(mutex_);
  if (jobs_.size() >= kMostWaiting) {
    forgotten = std::move(jobs_.front());
    jobs_.pop_front();
  }
  jobs_.push_back(std::move(job));
  if (idle_ < jobs_.size() && threads_.size() < most_) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (
        const std::system_error&) {  // NOLINT(bugprone-empty-catch): those that are there do it
    }
  }
  waiting_.notify_one();
}

void Ahead::work() noexcept {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    waiting_.wait(lock, [this] { return ends_ || !jobs_.empty(); });
    --idle_;
    if (ends_) return;
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    try {
      job();
    } catch (...) {  // NOLINT(bugprone-empty-catch): whoever needs it will fail by itself
    }
    job = nullptr;
    lock.lock();
  }
}

}  // namespace wolffia::overlay
