// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "oci/spec_support.hpp"

namespace wolffia::oci {
namespace {

TEST(mounts, are_read_in_order) {
  const auto mounts = parsed(read_data("valid/every-field.json")).mounts;
  ASSERT_EQ(mounts.size(), 3U);
  EXPECT_EQ(mounts[0].destination, "/proc");
  EXPECT_EQ(mounts[0].type, "proc");
  EXPECT_EQ(mounts[0].source, "proc");
  EXPECT_EQ(mounts[0].options, (std::vector<std::string>{"nosuid", "rro"}));
  EXPECT_EQ(mounts[2].source, "data");
}

TEST(mounts, relative_destination_starts_at_the_root) {
  EXPECT_EQ(spec_with(R"("mounts": [{"destination": "a/b"}])").mounts[0].destination, "/a/b");
  EXPECT_EQ(spec_with(R"("mounts": [{"destination": "../a"}])").mounts[0].destination, "/../a");
}

TEST(mounts, need_only_a_destination) {
  const Mount mount = spec_with(R"("mounts": [{"destination": "/a"}])").mounts[0];
  EXPECT_TRUE(mount.type.empty());
  EXPECT_TRUE(mount.source.empty());
  EXPECT_TRUE(mount.options.empty());
}

TEST(mounts, have_their_own_mappings) {
  const Mount mount = parsed(read_data("valid/every-field.json")).mounts[2];
  EXPECT_EQ(mount.uid_mappings, (std::vector<IdMap>{{0, 1000, 1}}));
  EXPECT_EQ(mount.gid_mappings, (std::vector<IdMap>{{0, 100, 2}}));
}

TEST(mounts, paths_of_70_kib_survive) {
  const std::string path = "/" + std::string(size_t{70} * 1024, 'a');
  const auto mounts = spec_with(cat(R"("mounts": [{"destination": ")", path, "\"}]")).mounts;
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].destination, path);
}

}  // namespace
}  // namespace wolffia::oci
