// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "overlay/layer.hpp"
#include "overlay/merge.hpp"
#include "overlay/node.hpp"
#include "overlay/readers.hpp"

namespace wolffia::overlay {

/// A file that somebody has open.
struct FileHandle {
  enum class Use : uint8_t { Reads, Writes, Runs };
  FileHandle(NodePtr opened, Use meant) : node(std::move(opened)), use(meant) {
    if (use == Use::Writes) ++node->writers;
    if (use == Use::Runs) ++node->runs;
  }
  FileHandle(const FileHandle&) = delete;
  ~FileHandle() {
    if (use == Use::Writes) --node->writers;
    if (use == Use::Runs) --node->runs;
  }

  const NodePtr node;
  const Use use;
  std::mutex mutex;
  LayerIndex layer = 0;                    // guarded by mutex
  std::shared_ptr<const Content> content;  // guarded by mutex
};

/// A directory that somebody reads: its entries as they were when the reading began.
struct DirectoryHandle {
  NodePtr node;
  std::mutex mutex;
  bool read = false;            // guarded by mutex
  Told listing = Told::All;     // guarded by mutex
  std::vector<Listed> entries;  // guarded by mutex
};

/// What is open, by the number that the kernel was given. Several tables, so that two files are
/// rarely behind one lock.
template <class T>
class Handles {
 public:
  uint64_t add(std::shared_ptr<T> handle) {
    const uint64_t id = next_.fetch_add(1);
    Table& table = tables_[id % kTables];
    const std::lock_guard lock(table.mutex);
    table.open.emplace(id, std::move(handle));
    return id;
  }
  /// Null for a number that nothing has.
  std::shared_ptr<T> get(uint64_t id) const {
    const Table& table = tables_[id % kTables];
    const std::lock_guard lock(table.mutex);
    const auto found = table.open.find(id);
    return found == table.open.end() ? nullptr : found->second;
  }
  void remove(uint64_t id) {
    Table& table = tables_[id % kTables];
    std::shared_ptr<T> last;  // closed after the lock is given up
    const std::lock_guard lock(table.mutex);
    const auto found = table.open.find(id);
    if (found == table.open.end()) return;
    last = std::move(found->second);
    table.open.erase(found);
  }

 private:
  static constexpr size_t kTables = 16;
  struct Table {
    mutable std::mutex mutex;
    std::unordered_map<uint64_t, std::shared_ptr<T>> open;  // guarded by mutex
  };
  std::array<Table, kTables> tables_;
  std::atomic<uint64_t> next_{1};
};

}  // namespace wolffia::overlay
