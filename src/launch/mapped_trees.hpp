// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/result.hpp"
#include "plan/plan.hpp"
#include "sys/mount.hpp"

namespace wolffia::launch {

/// The source of a bind mount, with other ids than its file system has.
struct MappedTree {
  size_t index;  // of its step
  sys::MountTree tree;
};

/// Clones the sources whose ids the plan maps. Before the container's user namespace is there: only
/// who has CAP_SYS_ADMIN over the one that a file system was mounted in may map its ids.
/// Twice each where the mounts may have to be made a second time, above a layer: a tree that was
/// attached and is no longer can't be cloned.
/// Source: mount_setattr(2), "ID-mapped mounts", Linux 5.12.
/// Errors: EPERM where we have not; EINVAL for a file system that has no such mounts.
Result<std::vector<MappedTree>> map_trees(const plan::Plan& plan);

/// Takes a tree of `step` out, to be attached.
Result<sys::MountTree> take_mapped(std::vector<MappedTree>& trees, const plan::MountStep& step);

}  // namespace wolffia::launch
