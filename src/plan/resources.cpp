// SPDX-License-Identifier: Apache-2.0
#include <linux/capability.h>

#include <algorithm>
#include <array>

#include "plan/parts.hpp"
#include "plan/seccomp.hpp"

namespace wolffia::plan {
namespace {

/// Why a section is not carried out, and what to do instead.
struct Refusal {
  std::string_view field, why;
};

constexpr std::array kRefusals{
    Refusal{"linux.intelRdt",
            "groups of resctrl are the machine's root's to make: start the container from a "
            "process that is in the group, which it inherits, and leave the section out"},
};

Error refuse(const std::string& field) {
  const auto* row = std::ranges::find(kRefusals, std::string_view(field), &Refusal::field);
  return Error::because(
      ENOTSUP,
      cat(field, " can't be carried out: ", row == kRefusals.end() ? "not supported" : row->why));
}

}  // namespace

bool annotated(const oci::Spec& spec, std::string_view key) {
  const std::string* value = spec.annotation(key);
  return value && (*value == "1" || *value == "true");
}

Result<void> check_supported(const oci::Spec& spec) {
  if (!spec.linux.unsupported.empty()) return refuse(spec.linux.unsupported.front());
  if (spec.linux.seccomp) {
    TRY(read_policy(*spec.linux.seccomp));  // or only the filter would tell
    TRY(check_execve(*spec.linux.seccomp));
  }
  const std::string* mountpoints = spec.annotation(kMountpoints);
  if (mountpoints && *mountpoints != "cover")
    return Error::because(EINVAL, cat("annotations ", kMountpoints, " must be \"cover\""));
  return {};
}

void leave_device_rules_out(const oci::Spec& spec, const Host& host, Plan& plan) {
  const bool are_kept = plan.cgroup && !plan.cgroup->devices.empty();
  plan.leaves_device_rules_out = !spec.linux.resources.devices.empty() && !are_kept;
  if (!plan.leaves_device_rules_out || !plan.process) return;
  const bool makes_nodes = (plan.process->capabilities.permitted >> CAP_MKNOD & 1U) != 0;
  // In a user namespace of its own nothing it makes is a device.
  if (!host.is_machine_root() || plan.user.how != UserNamespacePlan::How::Inherit || !makes_nodes)
    return;
  plan.notices.push_back(
      "linux.resources.devices is not applied, and as the machine's root with CAP_MKNOD the "
      "program can have any device: leave that capability out, or give it a user namespace");
}

}  // namespace wolffia::plan
