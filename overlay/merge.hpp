// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "overlay/directories.hpp"
#include "overlay/stack.hpp"

namespace wolffia::overlay {

/// What a name leads to, seen through all layers.
struct Found {
  Layers layers = 0;
  struct stat raw {};     // as the topmost layer has it
  LayerDirPtr directory;  // of the topmost layer: where the name is
};

/// An entry of a merged directory.
struct Listed {
  std::string name;
  uint64_t inode = 0;  // as the layer says
  LayerIndex layer = 0;
  unsigned char type = 0;  // DT_*
};

/// Sees several layers as one.
class Merge {
 public:
  explicit Merge(Directories& directories) : directories_(directories) {}

  /// Nothing where no layer shows the name. Errors: ENAMETOOLONG and others of fstatat(2).
  Result<std::optional<Found>> look_up(const NodePtr& parent, const char* name);
  /// The same in the layers under `layer` only: what would be seen without it.
  Result<std::optional<Found>> look_below(const NodePtr& parent, LayerIndex layer,
                                          const char* name);
  /// Every entry once.
  Result<std::vector<Listed>> list(const NodePtr& node);
  /// Errors: ENOTEMPTY.
  Result<void> check_empty(const NodePtr& node);

 private:
  /// Ends early where `visit` returns false.
  Result<void> visit(const NodePtr& node, const std::function<bool(Listed)>& visit);
  Result<std::optional<Found>> look_in(const NodePtr& parent, const Layers& layers, size_t first,
                                       const char* name);

  Directories& directories_;
};

/// The layers of `node` at this moment.
Layers layers_of(Node& node);

}  // namespace wolffia::overlay
