// SPDX-License-Identifier: Apache-2.0
#include "plan/make_plan.hpp"

#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

Result<void> plan_process(const oci::Spec& spec, const Options& options,
                          const SecurityModules& modules, Plan& plan) {
  if (!spec.process) return {};
  plan.process = TRY(make_process_plan(*spec.process, options, modules, plan.notices));
  add_linux(spec.linux, *plan.process);
  return {};
}

}  // namespace

Result<Plan> make_plan(const oci::Spec& spec, const Host& host, const Options& options) {
  Plan plan;
  plan.id = options.id;
  plan.bundle = options.bundle;
  TRY(check_supported(spec));
  plan.user = TRY(plan_user_namespace(spec, host, plan.notices));
  plan.namespaces = TRY(plan_namespaces(spec));
  TRY(plan_names(spec, plan));
  plan.time_offsets = TRY(plan_time_offsets(spec));
  plan.net_devices = TRY(plan_net_devices(spec, host));
  plan.root = plan_root(spec, options);
  plan.mounts = TRY(plan_mounts(spec, options, plan.notices));
  plan.devices = TRY(plan_devices(spec, plan.mounts));
  plan.masked_paths = unique_paths(spec.linux.masked_paths);
  plan.readonly_paths = unique_paths(spec.linux.readonly_paths);
  TRY(plan_sysctl(spec, plan));
  TRY(plan_process(spec, options, host.modules, plan));
  TRY(fit_process_ids(spec, host, plan));
  TRY(fit_mount_ids(host, plan));
  TRY(label_mounts(spec, host.modules, plan));
  TRY(plan_cgroup(spec, host, options, plan));
  leave_device_rules_out(spec, host, plan);
  plan.seccomp = spec.linux.seccomp;
  plan.hooks = spec.hooks;
  plan.annotations = spec.annotations;
  return plan;
}

}  // namespace wolffia::plan
