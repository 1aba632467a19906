// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"
#include "plan/host.hpp"
#include "plan/plan.hpp"

namespace wolffia::plan {

/// --cgroup-manager: who makes the container's cgroup.
enum class CgroupManager : uint8_t {
  Cgroupfs,
  Systemd,   // a scope of the user's systemd, of the machine's for its root
  Disabled,  // nobody: limits asked for only warn
};

/// What the command line adds to the bundle.
struct Options {
  std::string id;
  std::string bundle;         // absolute
  bool pivot = true;          // --no-pivot
  bool new_keyring = true;    // --no-new-keyring
  uint32_t preserve_fds = 0;  // --preserve-fds
  CgroupManager cgroups = CgroupManager::Cgroupfs;
};

/// Decides everything that can be decided without a system call.
/// Errors: EINVAL, a sentence naming the field and what to change; ENOTSUP for what this release
/// does not carry out.
Result<Plan> make_plan(const oci::Spec& spec, const Host& host, const Options& options);

/// The plan of one process, the container's own or one that joins it (`exec`). What depends on the
/// user namespace (ids that are not mapped, `keep_groups`) is not decided here.
Result<ProcessPlan> make_process_plan(const oci::Process& process, const Options& options,
                                      const SecurityModules& modules,
                                      std::vector<std::string>& notices);
/// What linux says of every process of the container.
void add_linux(const oci::Linux& linux, ProcessPlan& process);

/// Rewrites a plan with `may_fall_back` for one id, after the helpers failed: the maps, setgroups,
/// and what the bundle says about ids that are gone. The same on both sides of a clone.
void fall_back_to_one_id(Plan& plan);

/// What is missing where a network device can't be moved, and what to do instead.
inline constexpr std::string_view kNoRightsOverDevices =
    "to move a device takes rights over the network namespace that it is in: have root move it "
    "into a namespace of yours, and name that by its path";

/// Its part about ids: the first line tells the user namespace, those behind it its maps.
std::string print(const UserNamespacePlan& user);

/// The plan as a person reads it: one step a line, grouped as it will happen.
std::string print(const Plan& plan);

}  // namespace wolffia::plan
