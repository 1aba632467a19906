// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "overlay/stack.hpp"

namespace wolffia::overlay {

/// Which names the files with several links have in a lower layer. A layer is walked once, when
/// the first such file of it is copied up.
class LinkGroups {
 public:
  explicit LinkGroups(const Stack& stack) : stack_(stack) {}
  /// Paths without a leading slash.
  Result<std::vector<std::string>> names(const RawInode& raw);

 private:
  using Groups = std::unordered_map<uint64_t, std::vector<std::string>>;
  Result<void> walk(LayerIndex layer, Groups& groups) const;

  const Stack& stack_;
  std::mutex mutex_;
  std::unordered_map<LayerIndex, Groups> layers_;  // guarded by mutex_
};

}  // namespace wolffia::overlay
