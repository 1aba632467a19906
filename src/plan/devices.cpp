// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/quote.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

struct DefaultDevice {
  const char* path;
  uint32_t major, minor;
};

/// Source: runtime-spec config-linux.md, "Default Devices"; numbers: Linux devices.txt.
/// /dev/console and /dev/ptmx are made with the terminal and devpts.
constexpr std::array kDefaultDevices{
    DefaultDevice{"/dev/null", 1, 3},    DefaultDevice{"/dev/zero", 1, 5},
    DefaultDevice{"/dev/full", 1, 7},    DefaultDevice{"/dev/random", 1, 8},
    DefaultDevice{"/dev/urandom", 1, 9}, DefaultDevice{"/dev/tty", 5, 0},
};

Result<DeviceStep> plan_device(const oci::Device& device, size_t index) {
  // Nodes are bound or made one by one at their path: a path that says something else than it
  // seems to ("/dev/../etc/x") has no honest use.
  if (device.path == "/" || clean_path(device.path) != device.path) {
    return Error::because(EINVAL, cat("linux.devices[", index, "].path ", quoted(device.path),
                                      " must be plain: no \"..\", \".\" or empty part"));
  }
  DeviceStep step;
  step.path = device.path;
  step.type = device.type;
  step.major = device.major;
  step.minor = device.minor;
  step.mode = device.file_mode.value_or(0666) & 07777;
  step.uid = {device.uid.value_or(0)};
  step.gid = {device.gid.value_or(0)};
  return step;
}

bool is_mounted(const std::vector<MountStep>& mounts, std::string_view path) {
  return std::any_of(mounts.begin(), mounts.end(),
                     [&](const MountStep& step) { return step.target == path; });
}

bool same_node(const DeviceStep& a, const DeviceStep& b) {
  return a.type == b.type && a.major == b.major && a.minor == b.minor;
}

/// The last one listed wins, in the place of the first, as the nodes do not depend on each other.
void put(std::vector<DeviceStep>& devices, DeviceStep step) {
  const auto same_path = [&](const DeviceStep& other) { return other.path == step.path; };
  const auto old = std::find_if(devices.begin(), devices.end(), same_path);
  if (old == devices.end()) {
    devices.push_back(std::move(step));
    return;
  }
  step.is_default = old->is_default && same_node(*old, step);
  *old = std::move(step);
}

}  // namespace

Result<std::vector<DeviceStep>> plan_devices(const oci::Spec& spec,
                                             const std::vector<MountStep>& mounts) {
  std::vector<DeviceStep> devices;
  devices.reserve(kDefaultDevices.size() + spec.linux.devices.size());
  for (const DefaultDevice& device : kDefaultDevices) {
    // `podman run --privileged` mounts the host's nodes itself; what it mounts is what it wants.
    if (is_mounted(mounts, device.path)) continue;
    DeviceStep step;
    step.path = device.path;
    step.type = oci::DeviceType::Char;
    step.major = device.major;
    step.minor = device.minor;
    step.is_default = true;
    devices.push_back(std::move(step));
  }
  for (size_t i = 0; i < spec.linux.devices.size(); ++i) {
    DeviceStep step = TRY(plan_device(spec.linux.devices[i], i));
    // A link to pts/ptmx: the host's own ptmx would hand out terminals of the host.
    if (step.path == "/dev/ptmx") continue;
    put(devices, std::move(step));
  }
  return devices;
}

}  // namespace wolffia::plan
