// SPDX-License-Identifier: Apache-2.0
#include "plan/limits.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

constexpr std::string_view kOptional = "org.wolffia.resources.optional";

std::string list(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names)
    joined += cat(joined.empty() ? "" : ", ", shown(name));
  return joined;
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
  if (cgroup.scope || !cgroup.path.empty() || !cgroup.limits.empty())
    plan.cgroup = std::move(cgroup);
  return {};
}

}  // namespace wolffia::plan
