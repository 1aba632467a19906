// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/layer_trees.hpp"
#include "cli/user/containers.hpp"
#include "cli/user/request.hpp"
#include "helper/daemon.hpp"

namespace wolffia::cli::user {

struct RootWanted {
  std::span<const std::string> layers;    // absolute paths of the trees, lowest first
  bool readonly = false;                  // nothing will be written
  bool lasts = true;                      // false: removed with the container's end
  Storage storage = Storage::Probed;      // --storage
  std::vector<std::string> scratch = {};  // scratch_places()
};

struct PreparedRoot {
  std::string path;                    // absolute
  bool readonly = false;               // it is the layers themselves: they must not be written to
  Storage storage = Storage::Overlay;  // what it is made by
  std::string notice = {};             // empty, or what was degraded and why
};

/// Makes the root file system of a container of its layers: the kernel's overlay of them with what
/// was changed on top; where the store cannot hold that, in a scratch directory; else a union mount
/// of wolffia-overlay, which lasts as long as `line` is held; or, where all that is refused, a
/// copy. Called in the outer namespace, whose mount namespace alone sees the mount. Errors: with
/// --storage what refused it.
Result<PreparedRoot> prepare_root(const ContainerDir& container, const RootWanted& wanted,
                                  helper::DaemonLine& line);

/// The same of an image in a file, which wolffia-overlay serves: whatever --storage says.
Result<PreparedRoot> prepare_file_root(const ContainerDir& container, const std::string& file,
                                       const RootWanted& wanted, helper::DaemonLine& line);

/// Whether a copy was made of its image before: it is the container's root for good.
bool has_copy(const ContainerDir& container);

/// The directory with what it changed, as the overlay keeps it; nullopt where nothing could be
/// written. Errors: ENOENT, a sentence, where it was in a scratch directory that is gone.
Result<std::optional<std::string>> upper_path(const ContainerDir& container);

}  // namespace wolffia::cli::user
