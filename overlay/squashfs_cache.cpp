// SPDX-License-Identifier: Apache-2.0
#include "overlay/squashfs_cache.hpp"

namespace wolffia::overlay {

bool BlockCache::has(const Key& key) const {
  const std::lock_guard lock(mutex_);
  return entries_.count(key) > 0;
}

Result<BlockPtr> BlockCache::get(const Key& key, const Load& load) {
  std::shared_ptr<Pending> pending;
  {
    std::unique_lock lock(mutex_);
    const auto [at, fresh] = entries_.try_emplace(key);
    if (!fresh && at->second.block) {
      used_.splice(used_.begin(), used_, at->second.used);
      return at->second.block;
    }
    if (!fresh) {
      pending = at->second.pending;
      pending->done.wait(lock, [&] { return pending->result.has_value(); });
      return *pending->result;
    }
    try {
      pending = std::make_shared<Pending>();
    } catch (...) {
      entries_.erase(at);
      throw;
    }
    at->second.pending = pending;
  }
  Result<BlockPtr> result = Error::because(ENOMEM, "there is no memory for a block");
  try {
    result = load();
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): the result says so
  }
  finish(key, *pending, result);
  return result;
}

/// A block that could not be read is tried again by whoever asks next.
void BlockCache::finish(const Key& key, Pending& pending, const Result<BlockPtr>& result) {
  std::list<BlockPtr> dropped;  // freed after the lock is given up
  const std::lock_guard lock(mutex_);
  pending.result = result;
  pending.done.notify_all();
  const auto at = entries_.find(key);
  if (!result) {
    entries_.erase(at);
    return;
  }
  used_.push_front(key);
  at->second = {*result, nullptr, used_.begin()};
  bytes_ += (*result)->takes();
  keep_to_size(dropped);
}

void BlockCache::keep_to_size(std::list<BlockPtr>& dropped) {
  while (bytes_ > most_ && used_.size() > 1) {
    const auto last = entries_.find(used_.back());
    bytes_ -= last->second.block->takes();
    dropped.push_back(std::move(last->second.block));
    entries_.erase(last);
    used_.pop_back();
  }
}

}  // namespace wolffia::overlay
