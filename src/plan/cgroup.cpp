// SPDX-License-Identifier: Apache-2.0
#include <linux/capability.h>
#include <linux/mount.h>

#include <algorithm>

#include "base/quote.hpp"
#include "plan/device_program.hpp"
#include "plan/limits.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

constexpr std::string_view kOptional = "org.wolffia.resources.optional";
constexpr std::string_view kDelegated = "run.oci.delegate-cgroup";

std::string list(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names)
    joined += cat(joined.empty() ? "" : ", ", shown(name));
  return joined;
}

/// One name: what the program is to make of the cgroup it makes below that.
Result<std::string> delegated_name(const oci::Spec& spec) {
  const std::string* name = spec.annotation(kDelegated);
  if (!name) return std::string();
  if (name->empty() || *name == "." || *name == ".." || name->find('/') != std::string::npos)
    return Error::because(EINVAL, cat("annotation ", kDelegated,
                                      " must be one name without \"/\", ", "not ", quoted(*name)));
  return *name;
}

/// The program's user, where it can write to the cgroup: in a namespace of its own, through a mount
/// that lets it. Source: runtime-spec config-linux.md, "Cgroup ownership".
std::optional<uint32_t> owner_of(const Plan& plan) {
  const bool writable = std::ranges::any_of(plan.mounts, [](const MountStep& step) {
    return step.kind == MountKind::Cgroup && (step.set & MOUNT_ATTR_RDONLY) == 0;
  });
  if (!writable || !plan.process || !plan.creates(oci::NamespaceType::Cgroup)) return {};
  const uint32_t uid = plan.process->uid.value;
  if (plan.user.how == UserNamespacePlan::How::Inherit) return uid;
  for (const oci::IdMap& map : plan.user.uid_map)
    if (uid >= map.container && uid - map.container < map.size)
      return map.host + (uid - map.container);
  return {};
}

/// Those of the bundle, then the defaults. The kernel takes them from the machine's root alone: a
/// program that is asked of each access to a device is loaded with CAP_SYS_ADMIN, or CAP_BPF and
/// CAP_NET_ADMIN, over the first user namespace. Source: bpf_prog_load() in kernel/bpf/syscall.c.
std::vector<oci::DeviceRule> device_rules(const oci::Spec& spec, const Host& host) {
  const bool may_load = host.is_machine_root() && (host.capabilities >> CAP_SYS_ADMIN & 1U) != 0;
  std::vector<oci::DeviceRule> rules;
  if (!may_load || spec.linux.resources.devices.empty()) return rules;
  rules = spec.linux.resources.devices;
  const auto defaults = default_device_rules();
  rules.insert(rules.end(), defaults.begin(), defaults.end());
  return rules;
}

}  // namespace

Result<void> plan_cgroup(const oci::Spec& spec, const Host& host, const Options& options,
                         Plan& plan) {
  const std::vector<std::string>& asked = spec.linux.resources.asked;
  if (options.cgroups == CgroupManager::Disabled) {
    if (!asked.empty())
      plan.notices.push_back(cat("limits not applied, cgroups are disabled: ", list(asked)));
    return {};
  }
  CgroupPlan cgroup;
  cgroup.path = spec.linux.cgroups_path;
  cgroup.limits = TRY(plan_limits(spec.linux.resources, nullptr, plan.notices));
  cgroup.optional = annotated(spec, kOptional);
  if (options.cgroups == CgroupManager::Systemd)
    cgroup.scope = TRY(plan_scope(spec, host, options, cgroup.limits));
  cgroup.delegated = TRY(delegated_name(spec));
  cgroup.owner = owner_of(plan);
  cgroup.devices = device_rules(spec, host);
  if (cgroup.scope || !cgroup.path.empty() || !cgroup.limits.empty() || !cgroup.delegated.empty() ||
      !cgroup.devices.empty())
    plan.cgroup = std::move(cgroup);
  return {};
}

}  // namespace wolffia::plan
