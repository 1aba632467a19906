// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>

#include "base/result.hpp"

namespace wolffia::overlay {

/// The bytes of a block of an image, decompressed.
class Block {
 public:
  explicit Block(size_t room) : bytes_(new char[room]), room_(room) {}
  std::span<char> room() { return {bytes_.get(), room_}; }
  void filled(size_t size, uint64_t next) {
    size_ = size;
    next_ = next;
  }
  std::span<const char> bytes() const { return {bytes_.get(), size_}; }
  size_t takes() const { return room_; }
  /// Where the block behind it begins in the file.
  uint64_t next() const { return next_; }

 private:
  std::unique_ptr<char[]> bytes_;  // not a vector: nothing is to be zeroed first
  size_t room_;
  size_t size_ = 0;
  uint64_t next_ = 0;
};
using BlockPtr = std::shared_ptr<const Block>;

/// Blocks that were used last, up to a number of bytes. Who asks for one that another thread is
/// decompressing waits for that thread; no lock is held meanwhile.
class BlockCache {
 public:
  explicit BlockCache(size_t most) : most_(most) {}

  struct Key {
    uint64_t image = 0;
    uint64_t at = 0;  // its place in the file
    bool operator==(const Key&) const = default;
  };
  using Load = std::function<Result<BlockPtr>()>;
  Result<BlockPtr> get(const Key& key, const Load& load);
  /// Whether it is there, or somebody is about to put it there.
  bool has(const Key& key) const;

 private:
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return std::hash<uint64_t>()(key.at * 0x9e3779b97f4a7c15U ^ key.image);
    }
  };
  /// One that is being decompressed.
  struct Pending {
    std::condition_variable done;
    std::optional<Result<BlockPtr>> result;  // guarded by mutex_
  };
  struct Entry {
    BlockPtr block;                    // null while it is pending
    std::shared_ptr<Pending> pending;  // else null
    std::list<Key>::iterator used;     // valid where there is a block
  };
  void finish(const Key& key, Pending& pending, const Result<BlockPtr>& result);
  void keep_to_size(std::list<BlockPtr>& dropped);

  const size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, Entry, KeyHash> entries_;  // guarded by mutex_
  std::list<Key> used_;                              // guarded by mutex_; the last used one first
  size_t bytes_ = 0;                                 // guarded by mutex_
};

}  // namespace wolffia::overlay
