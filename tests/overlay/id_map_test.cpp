// SPDX-License-Identifier: Apache-2.0
#include "overlay/id_map.hpp"

#include <gtest/gtest.h>

namespace wolffia::overlay {
namespace {

TEST(id_map, knows_what_exists) {
  const auto map =
      IdMap::parse("         0       1000          1\n         1     100000      65536\n");
  ASSERT_TRUE(map);
  EXPECT_EQ(map->existing(0), 0U);
  EXPECT_EQ(map->existing(1), 1U);
  EXPECT_EQ(map->existing(65536), 65536U);
  EXPECT_EQ(map->existing(65537), 0U);
}

TEST(id_map, has_one_id_or_all_or_some) {
  struct Row {
    const char* text;
    bool one, all;
  };
  for (const Row& row :
       {Row{"0 1000 1\n", true, false}, Row{"1000 1000 1\n", true, false},
        Row{"0 1000 1\n1 100000 65536\n", false, false}, Row{"", false, false},
        Row{"0 100000 65536\n", false, false}, Row{"0 0 4294967295\n", false, true}}) {
    const auto map = IdMap::parse(row.text);
    ASSERT_TRUE(map) << row.text;
    EXPECT_EQ(map->has_one(), row.one) << row.text;
    EXPECT_EQ(map->has_all(), row.all) << row.text;
  }
}

TEST(id_map, of_the_first_namespace_has_all) {
  const auto map = IdMap::parse("         0          0 4294967295\n");
  ASSERT_TRUE(map);
  EXPECT_EQ(map->existing(4294967294U), 4294967294U);
}

TEST(id_map, is_of_three_numbers_a_line) {
  EXPECT_FALSE(IdMap::parse("0 0\n1 2 3 4\n"));
  EXPECT_FALSE(IdMap::parse("0 zero 1\n"));
  EXPECT_FALSE(IdMap::parse("0 0 4294967296\n"));
}

TEST(id_map, of_this_process_has_its_own_id) {
  const auto map = IdMap::read("/proc/self/uid_map");
  ASSERT_TRUE(map);
  EXPECT_EQ(map->existing(0), 0U);
}

}  // namespace
}  // namespace wolffia::overlay
