// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <unordered_set>

namespace wolffia::overlay {

/// Lets one at a time do what takes long with a file: who wants the same file waits, and nobody for
/// another one. In memory only those take room that are at it.
class Turns {
 public:
  class Turn {
   public:
    Turn(Turns& turns, uint64_t file) : turns_(turns), file_(file) {
      std::unique_lock lock(turns_.mutex_);
      turns_.over_.wait(lock, [this] { return turns_.taken_.insert(file_).second; });
    }
    Turn(const Turn&) = delete;
    ~Turn() {
      {
        const std::lock_guard lock(turns_.mutex_);
        turns_.taken_.erase(file_);
      }
      turns_.over_.notify_all();
    }

   private:
    Turns& turns_;
    const uint64_t file_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  std::unordered_set<uint64_t> taken_;  // guarded by mutex_
};

}  // namespace wolffia::overlay
