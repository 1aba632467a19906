// SPDX-License-Identifier: Apache-2.0
#include "cgroup/hierarchy.hpp"

#include <gtest/gtest.h>

namespace wolffia::cgroup {
namespace {

TEST(hierarchy, finds_the_second_version_among_the_first) {
  EXPECT_EQ(*own_path("4:memory:/a\n0::/user.slice/x\n"), "/user.slice/x");
  EXPECT_EQ(*own_path("0::/\n"), "/");
  EXPECT_TRUE(own_path("4:memory:/a\n").error().is(ENOENT));
  EXPECT_TRUE(own_path("").error().is(ENOENT));
}

TEST(hierarchy, cleans_paths_and_lets_none_lead_up) {
  EXPECT_EQ(*clean("/a//b/./c/"), "/a/b/c");
  EXPECT_EQ(*clean("a"), "/a");
  EXPECT_EQ(*clean("/"), "/");
  EXPECT_TRUE(clean("/a/../b").error().is(EINVAL));
  EXPECT_EQ(*clean("/a/..b"), "/a/..b");
}

TEST(hierarchy, knows_what_is_above) {
  EXPECT_EQ(parent_of("/a/b"), "/a");
  EXPECT_EQ(parent_of("/a"), "/");
  EXPECT_EQ(parent_of("/"), "/");
}

}  // namespace
}  // namespace wolffia::cgroup
