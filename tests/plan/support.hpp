// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "plan/make_plan.hpp"

/// Bundles and machines with nothing in them but what a test adds.
namespace wolffia::plan::test {

using Map = std::vector<oci::IdMap>;

inline constexpr oci::IdMap kEveryId{0, 0, UINT32_MAX};

/// The smallest bundle that runs.
inline oci::Spec bundle() {
  oci::Spec spec;
  spec.oci_version = "1.3.0";
  spec.root.path = "rootfs";
  spec.linux.namespaces = {{oci::NamespaceType::Mount, ""}};
  spec.process.emplace();
  spec.process->args = {"true"};
  spec.process->cwd = "/";
  return spec;
}

/// Ana, an ordinary user without subordinate ids.
inline Host ana() {
  Host host;
  host.uid = 1000;
  host.gid = 1001;
  host.user_name = "ana";
  host.capabilities = 0;
  host.uid_map = {kEveryId};
  host.gid_map = {kEveryId};
  return host;
}

/// Ana with a range of 65536 ids of either kind.
inline Host ana_with_ranges() {
  Host host = ana();
  host.sub_uids = {{100000, 65536}};
  host.sub_gids = {{100000, 65536}};
  return host;
}

/// Root of the user namespace that Podman makes before it starts us.
inline Host podman_root() {
  Host host;
  host.privileged = true;
  host.uid_map = {{0, 1000, 1}, {1, 100000, 65536}};
  host.gid_map = {{0, 1001, 1}, {1, 100000, 65536}};
  return host;
}

inline Host real_root() {
  Host host;
  host.privileged = true;
  host.uid_map = {kEveryId};
  host.gid_map = {kEveryId};
  return host;
}

inline Options options() {
  Options options;
  options.id = "demo";
  options.bundle = "/bundle";
  return options;
}

inline void add_namespace(oci::Spec& spec, oci::NamespaceType type, std::string path = {}) {
  spec.linux.namespaces.push_back({type, std::move(path)});
}

inline void map_ids(oci::Spec& spec, Map uids, Map gids) {
  add_namespace(spec, oci::NamespaceType::User);
  spec.linux.uid_mappings = std::move(uids);
  spec.linux.gid_mappings = std::move(gids);
}

/// The plan, or a failed test and an empty plan.
inline Plan planned(const oci::Spec& spec, const Host& host, const Options& how = options()) {
  auto plan = make_plan(spec, host, how);
  if (plan) return std::move(plan).value();
  ADD_FAILURE() << plan.error().message();
  return {};
}

/// The plan's notice, which must be its only one.
inline std::string only_notice(const Plan& plan) {
  EXPECT_EQ(plan.notices.size(), 1U);
  return plan.notices.empty() ? std::string() : plan.notices[0];
}

/// "EINVAL: sentence", or "" when it could be planned.
inline std::string refused(const oci::Spec& spec, const Host& host = ana(),
                           const Options& how = options()) {
  const auto plan = make_plan(spec, host, how);
  if (plan) return {};
  return std::string(::strerrorname_np(plan.error().code())) + ": " + plan.error().message();
}

}  // namespace wolffia::plan::test
