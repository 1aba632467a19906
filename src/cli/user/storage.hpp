// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/layer_trees.hpp"
#include "cli/user/containers.hpp"

namespace wolffia::cli::user {

struct RootWanted {
  std::span<const std::string> layers;  // absolute paths of the trees, lowest first
  bool readonly = false;                // nothing will be written
  bool lasts = true;                    // false: removed with the container's end
};

struct PreparedRoot {
  std::string path;         // absolute
  bool readonly = false;    // it is the layers themselves: they must not be written to
  std::string notice = {};  // empty, or what was degraded and why
};

/// Makes the root file system of a container of its layers: the kernel's overlay of them with what
/// was changed on top, or, where that is refused, a copy. Called in the outer namespace, whose
/// mount namespace alone sees the overlay.
Result<PreparedRoot> prepare_root(const ContainerDir& container, const RootWanted& wanted);

/// Whether a copy was made of its image before: it is the container's root for good.
bool has_copy(const ContainerDir& container);

}  // namespace wolffia::cli::user
