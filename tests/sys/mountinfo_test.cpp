// SPDX-License-Identifier: Apache-2.0
#include "sys/mountinfo.hpp"

#include <gtest/gtest.h>

namespace wolffia::sys {
namespace {

TEST(mountinfo, reads_the_fields_of_a_line) {
  const auto mounts = parse_mountinfo(
      "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:4 - ext3 /dev/root rw,errors=continue\n"
      "37 36 0:5 / /proc rw - proc proc rw\n");
  ASSERT_EQ(mounts.size(), 2U);
  EXPECT_EQ(mounts[0].id, 36U);
  EXPECT_EQ(mounts[0].parent, 35U);
  EXPECT_EQ(mounts[0].point, "/mnt2");
  EXPECT_EQ(mounts[0].type, "ext3");
  EXPECT_EQ(mounts[1].type, "proc");
}

TEST(mountinfo, undoes_octal_escapes) {
  const auto mounts =
      parse_mountinfo("1 2 0:5 / /a\\040b\\011c\\012d\\134e rw - fuse.x\\040y z rw\n");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].point, "/a b\tc\nd\\e");
  EXPECT_EQ(mounts[0].type, "fuse.x y");
}

TEST(mountinfo, leaves_a_backslash_that_escapes_nothing) {
  const auto mounts = parse_mountinfo("1 2 0:5 / /a\\9\\04\\777 rw - t s rw");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].point, "/a\\9\\04\\777");
}

TEST(mountinfo, skips_what_is_no_line_of_a_mount) {
  for (const char* text : {"", "\n\n", "x 2 0:5 / /a rw - t s rw", "1 y 0:5 / /a rw - t s rw",
                           "1 2 0:5 / a rw - t s rw", "1 2 0:5 / /a rw", "1 2",
                           "99999999999999999999 2 0:5 / /a rw - t s rw"})
    EXPECT_TRUE(parse_mountinfo(text).empty()) << text;
}

}  // namespace
}  // namespace wolffia::sys
