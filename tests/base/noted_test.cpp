// SPDX-License-Identifier: Apache-2.0
#include "base/noted.hpp"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

namespace wolffia {
namespace {

struct stat with_mode(mode_t mode) {
  struct stat status {};
  status.st_mode = mode;
  return status;
}

mode_t mode_after(std::string_view note, mode_t on_disk) {
  struct stat status = with_mode(on_disk);
  Noted::parse(note).value().apply_unless_changed(status);
  return status.st_mode;
}

TEST(noted, is_read_as_it_was_written) {
  for (const char* text : {"0:0:0", "7:8:4755", "1:2:644:char-5-1", "1:2:660:block-8-0",
                           "4294967294:1:1777:dir", "3:4:600:pipe", "3:4:777:symlink"}) {
    const auto noted = Noted::parse(text);
    ASSERT_TRUE(noted) << text;
    EXPECT_EQ(noted->text(), text);
  }
}

TEST(noted, is_nothing_else) {
  for (const char* text :
       {"", "1", "1:2", "1:2:", "1:2:8", "x:2:644", "-1:2:644", "4294967296:2:7", "1:2:644:door",
        "1:2:644:char", "1:2:644:char-1", "1:2:644:char-1-2-3", "1:2:644:file-1"})
    EXPECT_FALSE(Noted::parse(text)) << text;
}

TEST(noted, a_mode_that_was_given_later_counts) {
  EXPECT_EQ(mode_after("7:8:4755", S_IFREG | 0755), S_IFREG | 04755U);
  EXPECT_EQ(mode_after("7:8:440", S_IFREG | 0640), S_IFREG | 0440U);  // what is left on disk
  EXPECT_EQ(mode_after("7:8:4755", S_IFREG | 0700), S_IFREG | 0700U);
  EXPECT_EQ(mode_after("7:8:50", S_IFDIR | 0750), S_IFDIR | 050U);
  EXPECT_EQ(mode_after("7:8:50", S_IFDIR | 0755), S_IFDIR | 0755U);
}

TEST(noted, owners_count_whatever_the_mode) {
  struct stat status = with_mode(S_IFREG | 0700);
  Noted::parse("7:8:4755").value().apply_unless_changed(status);
  EXPECT_EQ(status.st_uid, 7U);
  EXPECT_EQ(status.st_gid, 8U);
}

TEST(noted, a_file_stands_for_a_device) {
  struct stat status = with_mode(S_IFREG | 0600);
  Noted::parse("0:6:660:block-8-16").value().apply_unless_changed(status);
  EXPECT_EQ(status.st_mode, S_IFBLK | 0660U);
  EXPECT_EQ(status.st_rdev, ::makedev(8, 16));
}

}  // namespace
}  // namespace wolffia
