// SPDX-License-Identifier: Apache-2.0
#include "cli/layer_trees.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.hpp"
#include "sys/file.hpp"

namespace wolffia::cli {
namespace {

TEST(layer_trees, hold_a_layer_once_where_it_comes_last) {
  const test::TempDir temp;
  std::vector<std::string> paths;
  std::vector<ino_t> inodes;
  for (const char* name : {"a", "b"}) {
    paths.push_back(temp.path() + "/" + name);
    std::filesystem::create_directory(paths.back());
    inodes.push_back(sys::stat_at(sys::cwd(), paths.back().c_str())->st_ino);
  }
  const std::vector<std::string> layers{paths[0], paths[1], paths[0]};
  const auto trees = open_trees(layers);
  ASSERT_TRUE(trees) << trees.error().message();
  ASSERT_EQ(trees->size(), 2U);
  EXPECT_EQ(sys::stat_fd((*trees)[0])->st_ino, inodes[1]);
  EXPECT_EQ(sys::stat_fd((*trees)[1])->st_ino, inodes[0]);
}

}  // namespace
}  // namespace wolffia::cli
