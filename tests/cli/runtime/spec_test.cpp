// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/runtime/commands.hpp"
#include "oci/parse_runtime.hpp"

namespace wolffia::cli::runtime {
namespace {

TEST(spec, is_one_this_runtime_parses) {
  for (const bool rootless : {false, true}) {
    const auto spec =
        oci::parse_spec(default_config({.rootless = rootless, .uid = 1000, .gid = 100}));
    ASSERT_TRUE(spec) << spec.error().message();
    EXPECT_EQ(spec->oci_version, kSpecVersion);
    EXPECT_EQ(spec->root.path, "rootfs");
    EXPECT_TRUE(spec->process->no_new_privileges);
  }
}

TEST(spec, maps_the_caller_for_rootless) {
  const auto spec = oci::parse_spec(default_config({.rootless = true, .uid = 1000, .gid = 100}));
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->linux.uid_mappings, (std::vector<oci::IdMap>{{0, 1000, 1}}));
  EXPECT_EQ(spec->linux.gid_mappings, (std::vector<oci::IdMap>{{0, 100, 1}}));
  EXPECT_NE(spec->find_namespace(oci::NamespaceType::User), nullptr);
}

TEST(spec, shares_the_network_for_rootless) {
  const auto spec = oci::parse_spec(default_config({.rootless = true, .uid = 1000, .gid = 100}));
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->find_namespace(oci::NamespaceType::Network), nullptr);
  const auto sys = std::find_if(spec->mounts.begin(), spec->mounts.end(),
                                [](const oci::Mount& one) { return one.destination == "/sys"; });
  ASSERT_NE(sys, spec->mounts.end());
  EXPECT_EQ(sys->options.front(), "rbind");
}

TEST(spec, leaves_ids_to_the_runtime_otherwise) {
  const auto spec = oci::parse_spec(default_config({}));
  ASSERT_TRUE(spec);
  EXPECT_TRUE(spec->linux.uid_mappings.empty());
  EXPECT_EQ(spec->find_namespace(oci::NamespaceType::User), nullptr);
  EXPECT_NE(spec->find_namespace(oci::NamespaceType::Network), nullptr);
}

}  // namespace
}  // namespace wolffia::cli::runtime
