// SPDX-License-Identifier: Apache-2.0
#include "overlay/merge.hpp"

#include <dirent.h>

#include <unordered_set>

#include "overlay/marks.hpp"

namespace wolffia::overlay {
namespace {

bool is_absent(const Error& error) {
  return error.is(ENOENT) || error.is(ENOTDIR);
}

/// Which entries of one directory the layers below do not show, beside those of the same name.
class LayerListing {
 public:
  LayerListing(const LayerDir& dir, bool lowest)
      : dir_(dir), lowest_(lowest), marked_(may_have_marked_files(dir)) {}

  /// Whether the entry is one of the mount; whiteouts are remembered.
  bool shows(const Entry& entry, std::vector<std::string>& hidden) const {
    const std::string name(entry.name);
    if (is_mark(entry.name)) {
      if (!lowest_) hidden.push_back(name.substr(kWhiteoutPrefix.size()));
      return false;
    }
    const bool may_be_whiteout =
        entry.type == DT_CHR || entry.type == DT_UNKNOWN || (entry.type == DT_REG && marked_);
    if (!may_be_whiteout) return true;
    const auto status = dir_.status(name.c_str());
    if (status && !is_whiteout(dir_, name.c_str(), *status)) return true;
    if (!lowest_) hidden.push_back(name);
    return false;
  }

 private:
  const LayerDir& dir_;
  bool lowest_;
  bool marked_;
};

}  // namespace

Layers layers_of(Node& node) {
  const std::lock_guard lock(node.mutex);
  return node.layers;
}

Result<std::optional<Found>> Merge::look_in(const NodePtr& parent, const Layers& layers,
                                            size_t first, const char* name) {
  std::optional<Found> found;
  for (size_t i = first; i < layers.size(); ++i) {
    const LayerDirPtr dir = TRY(directories_.open(parent, layers[i]));
    const auto status = dir->status(name);
    if (!status && !is_absent(status.error())) return status.error();
    const bool lowest = i + 1 == layers.size();
    if (!status && !lowest && has_whiteout_beside(*dir, name)) break;
    if (!status) continue;
    if (is_whiteout(*dir, name, *status)) break;
    const bool is_directory = S_ISDIR(status->st_mode);
    if (found && !is_directory) break;  // a file of a lower layer is hidden by a directory
    if (found) found->layers.add_below(layers[i]);
    if (!found) found = Found{layers[i], *status, dir};
    if (!is_directory || lowest) break;
    if (is_opaque(*TRY(dir->directory(name)))) break;
  }
  return found;
}

Result<std::optional<Found>> Merge::look_up(const NodePtr& parent, const char* name) {
  if (is_mark(name)) return std::optional<Found>();
  return look_in(parent, layers_of(*parent), 0, name);
}

Result<std::optional<Found>> Merge::look_below(const NodePtr& parent, LayerIndex layer,
                                               const char* name) {
  const Layers layers = layers_of(*parent);
  size_t first = 0;
  while (first < layers.size() && layers[first] <= layer)
    ++first;
  return look_in(parent, layers, first, name);
}

Result<void> Merge::visit(const NodePtr& node, const std::function<bool(Listed)>& visit) {
  const Layers layers = layers_of(*node);
  std::unordered_set<std::string> seen;  // of one layer no name comes twice: it stays empty then
  for (size_t i = 0; i < layers.size(); ++i) {
    const bool lowest = i + 1 == layers.size();
    const LayerDirPtr dir = TRY(directories_.open(node, layers[i]));
    const LayerListing listing(*dir, lowest);
    std::vector<std::string> hidden;
    bool goes_on = true;
    TRY(dir->list([&](const Entry& entry) {
      if (!listing.shows(entry, hidden)) return true;
      std::string name(entry.name);
      if (i > 0 && seen.count(name) > 0) return true;
      if (!lowest) seen.insert(name);
      goes_on = visit({std::move(name), entry.inode, layers[i], entry.type});
      return goes_on;
    }));
    if (!goes_on) break;
    seen.insert(hidden.begin(), hidden.end());
  }
  return {};
}

Result<std::vector<Listed>> Merge::list(const NodePtr& node) {
  std::vector<Listed> all;
  TRY(visit(node, [&](Listed entry) {
    all.push_back(std::move(entry));
    return true;
  }));
  return all;
}

Result<void> Merge::check_empty(const NodePtr& node) {
  bool empty = true;
  TRY(visit(node, [&](const Listed&) { return empty = false; }));
  if (!empty) return Error::because(ENOTEMPTY, "the directory is not empty");
  return {};
}

}  // namespace wolffia::overlay
