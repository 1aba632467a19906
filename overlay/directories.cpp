// SPDX-License-Identifier: Apache-2.0
#include "overlay/directories.hpp"

#include <vector>

namespace wolffia::overlay {

LayerDirPtr Directories::kept(const Key& key) {
  if (key.node == tree_.root()->id) return stack_.root(key.layer);
  const std::lock_guard lock(mutex_);
  const auto found = at_.find(key);
  if (found == at_.end()) return nullptr;
  used_.splice(used_.begin(), used_, found->second);
  return found->second->second;
}

void Directories::keep(const Key& key, const LayerDirPtr& directory) {
  const std::lock_guard lock(mutex_);
  if (at_.count(key) > 0) return;
  used_.emplace_front(key, directory);
  at_.emplace(key, used_.begin());
  if (used_.size() <= most_) return;
  at_.erase(used_.back().first);
  used_.pop_back();
}

void Directories::forget(const Node& node) {
  const std::lock_guard lock(mutex_);
  for (size_t layer = 0; layer < stack_.size(); ++layer) {
    const auto found = at_.find({node.id, static_cast<LayerIndex>(layer)});
    if (found == at_.end()) continue;
    used_.erase(found->second);
    at_.erase(found);
  }
}

Result<LayerDirPtr> Directories::open(const NodePtr& node, LayerIndex layer) {
  std::vector<std::pair<NodePtr, std::string>> below;  // what is still to be opened, last first
  NodePtr at = node;
  LayerDirPtr directory = kept({at->id, layer});
  while (!directory) {
    auto [parent, name] = tree_.place(*at);
    if (!parent) return Error::because(ENOENT, "the directory was removed");
    below.emplace_back(std::move(at), std::move(name));
    at = std::move(parent);
    directory = kept({at->id, layer});
  }
  for (; !below.empty(); below.pop_back()) {
    directory = TRY(directory->directory(below.back().second.c_str()));
    keep({below.back().first->id, layer}, directory);
  }
  return directory;
}

}  // namespace wolffia::overlay
