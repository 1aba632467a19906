// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>

#include "base/result.hpp"
#include "cgroup/group.hpp"
#include "cgroup/hierarchy.hpp"
#include "plan/limits.hpp"

namespace wolffia::cgroup {

/// A cgroup for one container.
struct Made {
  Group group;
  size_t made = 0;  // so many names at the end of its path were not there before
};

/// Makes `path` and what is missing above it, with the controllers that `limits` need handed down
/// to it. Nothing of what it made is left after an error.
/// Errors: EBUSY for one that has processes or is frozen; EACCES where the kernel would not let a
/// process of ours be moved there; ENOTSUP, a sentence, where a controller cannot be had.
Result<Made> make(const Hierarchy& hierarchy, const std::string& path,
                  std::span<const plan::CgroupWrite> limits);

/// Makes `name` in the cgroup `above`, of which `pid` is the only process, moves that into it, and
/// hands down the controllers that `limits` need. Errors: as make().
Result<Made> enclose(const Hierarchy& hierarchy, const std::string& above, const std::string& name,
                     pid_t pid, std::span<const plan::CgroupWrite> limits);

/// Hands down to the cgroup `path`, which has been made with other limits, what `limits` need.
/// Errors: ENOTSUP, a sentence, where a controller cannot be had.
Result<void> equip(const Hierarchy& hierarchy, const std::string& path,
                   std::span<const plan::CgroupWrite> limits);

/// Removes what make() or enclose() made: the cgroup, and those above it that are empty.
Result<void> unmake(const Hierarchy& hierarchy, std::string path, size_t made);

/// Errors: a sentence that names the field.
Result<void> apply(const Group& group, std::span<const plan::CgroupWrite> limits);

/// What the cgroup says now, as plan_limits() wants it.
plan::CurrentLimits current_limits(const Group& group);

}  // namespace wolffia::cgroup
