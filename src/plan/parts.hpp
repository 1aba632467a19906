// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"
#include "plan/host.hpp"
#include "plan/make_plan.hpp"
#include "plan/plan.hpp"
#include "plan/ranges.hpp"

/// The parts make_plan() is put together from: one function per subject, each in the file of that
/// name. None depends on the order of the others unless its arguments say so.
namespace wolffia::plan {

using Notices = std::vector<std::string>;

// id_map.cpp
Result<UserNamespacePlan> plan_user_namespace(const oci::Spec& spec, const Host& host,
                                              Notices& notices);
/// Refuses ids that do not exist inside, decides `keep_groups`, and leaves out capabilities that an
/// inherited user namespace does not have.
Result<void> fit_process_ids(const oci::Spec& spec, const Host& host, Plan& plan);

/// The gids that exist inside, or nullptr where only the kernel knows (a joined namespace).
const std::vector<oci::IdMap>* gids_inside(const UserNamespacePlan& user, const Host& host);
const std::vector<oci::IdMap>* uids_inside(const UserNamespacePlan& user, const Host& host);

/// The plan without supplementary groups, where setgroups is denied: with a notice if it had any.
void leave_groups_out(Plan& plan);

// advice.cpp
/// `"ana"`, or `uid 1002` for a user without a passwd entry.
std::string user_of(const Host& host);
/// The line that gives the user subordinate ranges, to be run as it is.
std::string command_for_ranges(const Host& host, bool uids, bool gids);
/// Why there is only one uid or gid, or both, ending in the line that mends it.
std::string advise_more_ids(const Host& host, bool uids, bool gids, const UserNamespacePlan& user);
/// Why the helpers can't write a map that the bundle asks for, and what to change.
std::string explain_helper(const Host& host);

// namespaces.cpp
Result<std::vector<NamespacePlan>> plan_namespaces(const oci::Spec& spec);
Result<void> plan_names(const oci::Spec& spec, Plan& plan);
Result<std::vector<oci::Linux::TimeOffset>> plan_time_offsets(const oci::Spec& spec);
Result<std::vector<oci::NetDevice>> plan_net_devices(const oci::Spec& spec, const Host& host);

// sysctl.cpp
Result<void> plan_sysctl(const oci::Spec& spec, Plan& plan);

// mounts.cpp
Result<std::vector<MountStep>> plan_mounts(const oci::Spec& spec, const Options& options,
                                           Notices& notices);
/// Refuses mount options that name ids which do not exist inside, or leaves them out.
Result<void> fit_mount_ids(const Host& host, Plan& plan);
/// Leaves the gid= of devpts mounts out when `gids` lacks it.
void drop_unmapped_tty_groups(std::vector<MountStep>& mounts, const std::vector<oci::IdMap>& gids);

/// "cover": mount points that the root lacks are made above it, never in it.
inline constexpr std::string_view kMountpoints = "org.wolffia.mountpoints";

// paths.cpp
RootPlan plan_root(const oci::Spec& spec, const Options& options);
std::vector<std::string> unique_paths(const std::vector<std::string>& paths);
/// `path` without empty, "." and ".." components, as if no component were a symbolic link.
/// Precondition: `path` is absolute.
std::string clean_path(std::string_view path);

// devices.cpp
Result<std::vector<DeviceStep>> plan_devices(const oci::Spec& spec,
                                             const std::vector<MountStep>& mounts);

// cgroup.cpp
Result<void> plan_cgroup(const oci::Spec& spec, const Host& host, const Options& options,
                         Plan& plan);

// scope.cpp
Result<ScopePlan> plan_scope(const oci::Spec& spec, const Host& host, const Options& options,
                             const std::vector<CgroupWrite>& limits);

// resources.cpp
/// Refuses what the specification knows and this release does not carry out.
Result<void> check_supported(const oci::Spec& spec);
/// Device rules are left out where the plan has no cgroup that keeps them; told where without them
/// the program could have any device.
void leave_device_rules_out(const oci::Spec& spec, const Host& host, Plan& plan);

// labels.cpp
Result<SecurityLabels> plan_labels(const oci::Process& process, const SecurityModules& modules);
/// Gives linux.mountLabel to the mounts that make a file system of their own.
Result<void> label_mounts(const oci::Spec& spec, const SecurityModules& modules, Plan& plan);

// print.cpp
/// As a shell would take it without quotes, else quoted: a path of a bundle can't forge a line.
std::string shown(std::string_view text);

/// Whether the annotation is there and says yes: "1" or "true".
bool annotated(const oci::Spec& spec, std::string_view key);

}  // namespace wolffia::plan
