// SPDX-License-Identifier: Apache-2.0
#include "cli/layer_trees.hpp"

#include <algorithm>

#include "sys/path.hpp"

namespace wolffia::cli {

Result<Trees> open_trees(std::span<const std::string> layers) {
  Trees trees;
  for (auto layer = layers.begin(); layer != layers.end(); ++layer)
    if (std::find(layer + 1, layers.end(), *layer) == layers.end())
      trees.push_back(TRY(sys::open_root(layer->c_str()), *layer));
  return trees;
}

}  // namespace wolffia::cli
