// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "helper/daemon.hpp"

namespace wolffia::helper {

/// What wolffia-overlay(1) shows as one. Descriptors, so that neither the length of a path nor a
/// ":" in it matters.
struct UnionParts {
  std::vector<int> lowers;  // lowest first: directories, or image files
  int upper = -1;           // -1: nothing can be written
  int work = -1;            // on the file system of `upper`
  bool lasts = true;        // false: what is written need not survive a loss of power
};

/// Has `program`, the path of wolffia-overlay, mount `parts` on `target`, an absolute path; the
/// mount is served as long as `line` is held. Called in a user and mount namespace that is the
/// caller's own. Errors: ECHILD with what the daemon says.
Result<void> mount_union(DaemonLine& line, const std::string& program, const UnionParts& parts,
                         const std::string& target);

}  // namespace wolffia::helper
