// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "cgroup/group.hpp"

namespace wolffia::container {

/// What the processes of `group` have used, as one JSON object: the "data" of a stats event as runc
/// prints it. What the kernel does not count for this cgroup is 0, or left out. Times are
/// nanoseconds, the rest bytes and counts. Source: runc's types/events.go, seen from outside;
/// Documentation/admin-guide/cgroup-v2.rst.
std::string statistics_json(const cgroup::Group& group);

}  // namespace wolffia::container
