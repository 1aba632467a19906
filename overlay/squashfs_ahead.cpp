// SPDX-License-Identifier: Apache-2.0
#include "overlay/squashfs_ahead.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>

namespace wolffia::overlay {
namespace {

constexpr size_t kMostWaiting = 64;

}  // namespace

struct Ahead::State {
  std::mutex mutex;
  std::condition_variable waiting;
  std::deque<std::function<void()>> jobs;  // guarded by mutex
  unsigned idle = 0;                       // guarded by mutex
  bool ends = false;                       // guarded by mutex
};

Ahead::Ahead(unsigned threads) : most_(threads), state_(std::make_shared<State>()) {}

Ahead::~Ahead() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ends = true;
    state_->jobs.clear();
  }
  state_->waiting.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.get_id() == std::this_thread::get_id())
      thread.detach();
    else
      thread.join();
  }
}

void Ahead::add(std::function<void()> job) {
  std::function<void()> forgotten;  // destroyed after the lock is given up
  const std::lock_guard lock(state_->mutex);
  auto& jobs = state_->jobs;
  if (jobs.size() >= kMostWaiting) {
    forgotten = std::move(jobs.front());
    jobs.pop_front();
  }
  jobs.push_back(std::move(job));
  if (state_->idle < jobs.size() && threads_.size() < most_) {
    try {
      threads_.emplace_back([state = state_] { work(state); });
    } catch (
        const std::system_error&) {  // NOLINT(bugprone-empty-catch): those that are there do it
    }
  }
  state_->waiting.notify_one();
}

void Ahead::work(const std::shared_ptr<State>& state) noexcept {
  std::unique_lock lock(state->mutex);
  while (true) {
    ++state->idle;
    state->waiting.wait(lock, [&] { return state->ends || !state->jobs.empty(); });
    --state->idle;
    if (state->ends) return;
    std::function<void()> job = std::move(state->jobs.front());
    state->jobs.pop_front();
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
