// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "cli/user/doctor/check.hpp"

/// The looks of the table in checks.cpp, each in the file of its subject.
namespace wolffia::cli::user::doctor {

using Look = std::optional<Told>;

/// Why no user namespace can be made, or used: one reason, the first that explains it.
enum class Refusal : uint8_t {
  None,
  NotInKernel,
  SwitchedOff,
  LimitZero,
  UsedUp,
  TooManyProcesses,
  Chroot,
  AppArmor,
  Selinux,
  Seccomp,
  Mounts,  // the namespace can be made, and nothing mounted in it
  Unknown,
};
Refusal refusal(const Facts& facts);

/// The ids a container will have: 1, or with its subordinate ones.
uint64_t ids_inside(const Facts& facts);

/// Whether the kernel's overlayfs serves for the store, with what is changed in it or on scratch.
bool has_overlay(const Facts& facts);
/// Whether wolffia-overlay can serve images.
bool has_union(const Facts& facts);

/// How the container around us is given a device; empty where there is none, or no line does it.
std::string fix_for_device(const Facts& facts, std::string_view path);

// causes_namespaces.cpp
Look not_in_kernel(const Facts& facts);
Look switched_off(const Facts& facts);
Look limit_zero(const Facts& facts);
Look used_up(const Facts& facts);
Look too_many_processes(const Facts& facts);
Look chroot(const Facts& facts);
Look apparmor(const Facts& facts);
Look selinux(const Facts& facts);
Look seccomp(const Facts& facts);
Look mounts_refused(const Facts& facts);
Look refused(const Facts& facts);
Look trial_silent(const Facts& facts);
Look other_limit_zero(const Facts& facts);
Look other_namespace_refused(const Facts& facts);
Look host_name_refused(const Facts& facts);
Look no_network_namespace(const Facts& facts);
Look no_proc(const Facts& facts);
Look masked_proc(const Facts& facts);
Look masked_sys(const Facts& facts);

// causes_ids.cpp
Look helper_missing(const Facts& facts);
Look helper_not_setuid(const Facts& facts);
Look helper_on_nosuid(const Facts& facts);
Look no_new_privileges(const Facts& facts);
Look helper_refused(const Facts& facts);
Look no_subordinate_ids(const Facts& facts);
Look ids_not_here(const Facts& facts);
Look few_ids(const Facts& facts);

// causes_cgroups.cpp
Look no_cgroups(const Facts& facts);
Look cgroups_v1(const Facts& facts);
Look cgroups_hybrid(const Facts& facts);
Look not_delegated(const Facts& facts);
Look controllers_missing(const Facts& facts);

// causes_storage.cpp
Look no_home(const Facts& facts);
Look store_silent(const Facts& facts);
Look store_foreign(const Facts& facts);
Look store_unwritable(const Facts& facts);
Look store_full(const Facts& facts);
Look store_quota(const Facts& facts);
Look store_noexec(const Facts& facts);
Look store_remote(const Facts& facts);
Look store_without_locks(const Facts& facts);
Look store_without_overlay(const Facts& facts);
Look no_overlay(const Facts& facts);
Look no_fuse(const Facts& facts);
Look tmp_full(const Facts& facts);
Look tmp_unwritable(const Facts& facts);
Look no_runtime_dir(const Facts& facts);
Look runtime_dir_unusable(const Facts& facts);
Look state_dir_foreign(const Facts& facts);

// causes_surroundings.cpp
Look program_missing(const Facts& facts);
Look image_program_missing(const Facts& facts);
Look device_missing(const Facts& facts);
Look no_tun(const Facts& facts);
Look clock_behind(const Facts& facts);
Look clock_differs(const Facts& facts);
Look no_certificates(const Facts& facts);
Look proxy_invalid(const Facts& facts);
Look proxy_silent(const Facts& facts);
Look proxy_for_http_only(const Facts& facts);

}  // namespace wolffia::cli::user::doctor
