// SPDX-License-Identifier: Apache-2.0
#include "plan/ranges.hpp"

#include <gtest/gtest.h>

namespace wolffia::plan {
namespace {

using Map = std::vector<oci::IdMap>;
using Ranges = std::vector<SubidRange>;

Map appended(Map map, const Ranges& ranges) {
  append_ranges(map, ranges);
  return map;
}

TEST(ranges, maps_knows_the_ends_of_a_line) {
  const Map map{{10, 500, 5}};
  EXPECT_FALSE(maps(map, 9));
  EXPECT_TRUE(maps(map, 10));
  EXPECT_TRUE(maps(map, 14));
  EXPECT_FALSE(maps(map, 15));
}

TEST(ranges, the_last_id_is_never_mapped) {
  EXPECT_TRUE(maps({{0, 0, UINT32_MAX}}, UINT32_MAX - 1));
  EXPECT_FALSE(maps({{0, 0, UINT32_MAX}}, UINT32_MAX));
}

TEST(ranges, contains_joins_neighbouring_lines) {
  const Map map{{0, 1000, 1}, {1, 100000, 65536}};
  EXPECT_TRUE(contains(map, 0, 65537));
  EXPECT_FALSE(contains(map, 0, 65538));
}

TEST(ranges, contains_sees_a_hole) {
  EXPECT_FALSE(contains({{0, 0, 10}, {11, 11, 10}}, 5, 10));
}

TEST(ranges, contains_does_not_wrap_around) {
  EXPECT_FALSE(contains({{0, 0, 10}}, UINT32_MAX - 1, 5));
}

TEST(ranges, appended_ranges_follow_each_other_inside) {
  EXPECT_EQ(appended({{0, 1000, 1}}, {{100000, 10}, {300000, 20}}),
            (Map{{0, 1000, 1}, {1, 100000, 10}, {11, 300000, 20}}));
}

TEST(ranges, a_range_listed_twice_is_mapped_once) {
  EXPECT_EQ(appended({{0, 1000, 1}}, {{100000, 10}, {100000, 10}}),
            (Map{{0, 1000, 1}, {1, 100000, 10}}));
}

TEST(ranges, an_overlapping_range_gives_its_new_part) {
  EXPECT_EQ(appended({{0, 1000, 1}}, {{100000, 10}, {100005, 10}}),
            (Map{{0, 1000, 1}, {1, 100000, 10}, {11, 100010, 5}}));
}

TEST(ranges, the_callers_own_id_inside_a_range_is_left_out) {
  EXPECT_EQ(appended({{0, 1000, 1}}, {{999, 3}}), (Map{{0, 1000, 1}, {1, 999, 1}, {2, 1001, 1}}));
}

TEST(ranges, a_map_ends_at_the_last_id_inside) {
  const Map map = appended({{0, UINT32_MAX - 1, 1}}, {{0, UINT32_MAX - 1}, {0, UINT32_MAX}});
  EXPECT_EQ(map, (Map{{0, UINT32_MAX - 1, 1}, {1, 0, UINT32_MAX - 1}}));
}

TEST(ranges, a_map_has_no_more_lines_than_the_kernel_takes) {
  Ranges many;
  for (uint32_t i = 0; i < 500; ++i)
    many.push_back({100000 + i * 2, 1});
  EXPECT_EQ(appended({{0, 1000, 1}}, many).size(), kMaxMapLines);
}

TEST(ranges, only_what_exists_here_is_usable) {
  EXPECT_EQ(usable_ranges({{100000, 65536}}, {{0, 0, 65536}}), Ranges{});
  EXPECT_EQ(usable_ranges({{60000, 65536}}, {{0, 0, 65536}}), (Ranges{{60000, 5536}}));
  EXPECT_EQ(usable_ranges({{100000, 65536}}, {{0, 0, UINT32_MAX}}), (Ranges{{100000, 65536}}));
}

TEST(ranges, the_inner_side_is_described_as_people_write_it) {
  EXPECT_EQ(describe_inside({{0, 1000, 1}, {1, 100000, 65536}, {70000, 5, 1}}),
            "0, 1-65536, 70000");
  EXPECT_EQ(describe_inside({}), "none");
}

}  // namespace
}  // namespace wolffia::plan
