// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/layer_trees.hpp"
#include "cli/user/containers.hpp"

namespace wolffia::cli::user {

struct RootWanted {
  std::span<const std::string> layers;    // absolute paths of the trees, lowest first
  bool readonly = false;                  // nothing will be written
  bool lasts = true;                      // false: removed with the container's end
  std::vector<std::string> scratch = {};  // scratch_places()
};

struct PreparedRoot {
  std::string path;         // absolute
  bool readonly = false;    // it is the layers themselves: they must not be written to
  bool copied = false;      // it is a copy of the layers
  std::string notice = {};  // empty, or what was degraded and why
};

/// Makes the root file system of a container of its layers: the kernel's overlay of them with what
/// was changed on top; where the store cannot hold that, in a scratch directory; or, where all
/// that is refused, a copy. Called in the outer namespace, whose
/// mount namespace alone sees the overlay.
Result<PreparedRoot> prepare_root(const ContainerDir& container, const RootWanted& wanted);

/// Whether a copy was made of its image before: it is the container's root for good.
bool has_copy(const ContainerDir& container);

/// The directory with what it changed, as the overlay keeps it; nullopt where nothing could be
/// written. Errors: ENOENT, a sentence, where it was in a scratch directory that is gone.
Result<std::optional<std::string>> upper_path(const ContainerDir& container);

}  // namespace wolffia::cli::user
