// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "overlay/layer.hpp"
#include "overlay/stack.hpp"
#include "overlay/tree.hpp"

namespace wolffia::overlay {

/// Opens the directories of layers for nodes, name by name from the nearest one that is open, so
/// that no path is ever too long; keeps those used last. A descriptor stays right when the
/// directory is renamed.
class Directories {
 public:
  /// `most`: how many are kept open.
  Directories(const Stack& stack, const Tree& tree, size_t most)
      : stack_(stack), tree_(tree), most_(most) {}

  /// Errors: ENOENT where it has no name any more.
  Result<LayerDirPtr> open(const NodePtr& node, LayerIndex layer);
  /// What was opened for `node` is another directory now.
  void forget(const Node& node);

 private:
  struct Key {
    uint64_t node = 0;
    LayerIndex layer = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return std::hash<uint64_t>()((key.node << 16) | key.layer);
    }
  };
  using Used = std::list<std::pair<Key, LayerDirPtr>>;  // the last used one first

  LayerDirPtr kept(const Key& key);
  void keep(const Key& key, const LayerDirPtr& directory);

  const Stack& stack_;
  const Tree& tree_;
  const size_t most_;
  std::mutex mutex_;
  Used used_;                                            // guarded by mutex_
  std::unordered_map<Key, Used::iterator, KeyHash> at_;  // guarded by mutex_
};

}  // namespace wolffia::overlay
