// SPDX-License-Identifier: Apache-2.0
#include "cgroup/devices.hpp"

#include "sys/bpf.hpp"

namespace wolffia::cgroup {

Result<void> keep_devices(const Group& group, std::span<const oci::DeviceRule> rules) {
  if (rules.empty()) return {};
  const sys::Fd program =
      TRY(sys::load_device_program(plan::device_program(rules)), "linux.resources.devices");
  TRY(sys::attach_device_program(program, group.directory()), "linux.resources.devices at cgroup ",
      group.path());
  return {};
}

}  // namespace wolffia::cgroup
