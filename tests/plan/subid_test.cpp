// SPDX-License-Identifier: Apache-2.0
#include "plan/subid.hpp"

#include <gtest/gtest.h>

namespace wolffia::plan {
namespace {

using Ranges = std::vector<SubidRange>;
using Map = std::vector<oci::IdMap>;

TEST(subid, finds_ranges_by_name_and_by_uid_in_file_order) {
  EXPECT_EQ(parse_subid("1000:300000:10\nbob:200000:10\nana:100000:65536\n", "ana", 1000),
            (Ranges{{300000, 10}, {100000, 65536}}));
}

TEST(subid, a_name_that_begins_with_another_is_another) {
  EXPECT_EQ(parse_subid("ana2:100000:10\nan:5:5\n", "ana", 1000), Ranges{});
}

TEST(subid, without_a_name_only_the_uid_counts) {
  EXPECT_EQ(parse_subid(":100000:10\n1000:200000:10\n", "", 1000), (Ranges{{200000, 10}}));
}

TEST(subid, a_last_line_without_newline_counts) {
  EXPECT_EQ(parse_subid("ana:100000:65536", "ana", 1000), (Ranges{{100000, 65536}}));
}

TEST(subid, malformed_lines_are_skipped) {
  constexpr std::string_view kFile =
      "# comment\n\nana\nana:\nana:1\nana:1:\nana::5\nana:x:5\nana:1:5:6\nana: 1:5\n"
      "ana:-1:5\nana:1:0\nana:4294967296:1\nana:4294967295:1\nana:100000:10\n";
  EXPECT_EQ(parse_subid(kFile, "ana", 1000), (Ranges{{100000, 10}}));
}

TEST(subid, a_range_may_end_with_the_last_id_but_one) {
  EXPECT_EQ(parse_subid("ana:4294967294:1\n", "ana", 1000), (Ranges{{4294967294, 1}}));
}

TEST(subid, the_first_free_id_lies_behind_everyones) {
  EXPECT_EQ(first_free_subid(""), 100000U);
  EXPECT_EQ(first_free_subid("bob:10:5\n"), 100000U);
  EXPECT_EQ(first_free_subid("bob:165536:65536\nana:100000:65536\n"), 231072U);
}

TEST(subid, reads_what_getsubids_prints) {
  EXPECT_EQ(parse_getsubids("0: ana 100000 65536\n1: ana 300000 10\n"),
            (Ranges{{100000, 65536}, {300000, 10}}));
}

TEST(subid, what_getsubids_does_not_print_is_nothing) {
  EXPECT_EQ(parse_getsubids("Error fetching ranges\n0: ana 1\n0: ana 1 2 3\n0: ana 5 0\n"),
            Ranges{});
}

TEST(subid, only_another_source_than_files_is_elsewhere) {
  EXPECT_FALSE(subids_are_elsewhere("passwd: files sss\n"));
  EXPECT_FALSE(subids_are_elsewhere("subid: files\n"));
  EXPECT_FALSE(subids_are_elsewhere("# subid: sss\n"));
  EXPECT_TRUE(subids_are_elsewhere("passwd: files\nsubid:\tsss\n"));
}

TEST(subid, finds_the_first_name_of_a_uid) {
  constexpr std::string_view kPasswd =
      "root:x:0:0:root:/root:/bin/sh\nana:x:1000:1000::/home/ana:/bin/sh\nann:x:1000:1::/:/\n";
  EXPECT_EQ(find_user_name(kPasswd, 1000), "ana");
  EXPECT_EQ(find_user_name(kPasswd, 100), "");
}

TEST(subid, a_passwd_line_without_uid_names_nobody) {
  EXPECT_EQ(find_user_name("ana\nbob:x\neve:x:\n", 0), "");
}

TEST(subid, reads_the_kernels_id_maps) {
  EXPECT_EQ(
      parse_id_map_file("         0       1000          1\n         1     100000      65536\n"),
      (Map{{0, 1000, 1}, {1, 100000, 65536}}));
  EXPECT_EQ(parse_id_map_file("         0          0 4294967295\n"), (Map{{0, 0, UINT32_MAX}}));
}

TEST(subid, what_is_no_id_map_is_empty) {
  EXPECT_EQ(parse_id_map_file("allow\n"), Map{});
  EXPECT_EQ(parse_id_map_file("4294967295 0 4294967295\n"), Map{});
}

}  // namespace
}  // namespace wolffia::plan
