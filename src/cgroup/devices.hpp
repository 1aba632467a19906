// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "base/result.hpp"
#include "cgroup/group.hpp"
#include "plan/device_program.hpp"

namespace wolffia::cgroup {

/// Has the kernel ask the rules at each access to a device from the cgroup and those below, as long
/// as the cgroup is there. Programs of cgroups above are asked too. Errors: EPERM for who is not
/// the machine's root.
Result<void> keep_devices(const Group& group, std::span<const oci::DeviceRule> rules);

}  // namespace wolffia::cgroup
