// SPDX-License-Identifier: Apache-2.0
#include "base/owner_list.hpp"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

using wolffia::Noted;
using wolffia::OwnerList;

namespace {

const std::string kFirst = "wolffia owners 1\n";

Noted owner(uint32_t uid, mode_t mode = 0644) {
  return {.uid = uid, .gid = uid + 1, .mode = mode, .device = 0};
}

/// The owner that a list notes; nothing is -1.
int64_t uid_in(const OwnerList& list, std::string_view name, uint64_t inode) {
  const auto noted = list.find(name, inode);
  return noted ? int64_t{noted->uid} : -1;
}

}  // namespace

TEST(owner_list, the_lines_that_it_gives_are_the_text_that_it_reads) {
  OwnerList list;
  std::string text = list.rewritten();
  EXPECT_EQ(text, kFirst);
  text += list.set("a", 5, owner(7));
  text += list.set("tty", 6, {.uid = 0, .gid = 5, .mode = S_IFCHR | 0620, .device = makedev(4, 1)});
  text += list.set(".", 1, owner(9, 0750));
  EXPECT_EQ(text, kFirst + "5 7:8:644 a/\n6 0:5:620:char-4-1 tty/\n1 9:10:750 ./\n");
  const OwnerList again = OwnerList::parse(text);
  EXPECT_TRUE(again.whole());
  EXPECT_EQ(again.lines(), 3U);
  EXPECT_EQ(uid_in(again, "a", 5), 7);
  EXPECT_EQ(uid_in(again, ".", 1), 9);
  EXPECT_EQ(again.find("tty", 6)->device, makedev(4, 1));
}

TEST(owner_list, the_last_line_counts) {
  const OwnerList list =
      OwnerList::parse(kFirst + "5 1:1:644 a/\n5 2:2:600 a/\n6 3:3:644 b/\n6 - b/\n");
  EXPECT_EQ(uid_in(list, "a", 5), 2);
  EXPECT_EQ(uid_in(list, "b", 6), -1);
  EXPECT_EQ(list.size(), 1U);
}

TEST(owner_list, a_note_says_nothing_of_another_file_of_the_name) {
  const OwnerList list = OwnerList::parse(kFirst + "5 1:1:644 a/\n6 2:2:644 a/\n5 3:3:644 ab/\n");
  EXPECT_EQ(uid_in(list, "a", 5), 1);
  EXPECT_EQ(uid_in(list, "a", 6), 2);
  EXPECT_EQ(uid_in(list, "a", 7), -1);
  EXPECT_EQ(uid_in(list, "b", 5), -1);
  EXPECT_EQ(list.inodes("a"), (std::vector<uint64_t>{5, 6}));
}

TEST(owner_list, any_byte_but_a_slash_is_of_a_name) {
  for (const std::string name : {"two words", " ", "line\nfeed", "\n", "\xff\xfe", "- x", "..."}) {
    OwnerList list;
    std::string text = list.rewritten();
    text += list.set(name, 5, owner(7));
    text += list.set("after", 6, owner(8));
    const OwnerList again = OwnerList::parse(text);
    EXPECT_EQ(uid_in(again, name, 5), 7) << name;
    EXPECT_EQ(uid_in(again, "after", 6), 8) << name;
  }
}

TEST(owner_list, a_line_that_was_cut_short_is_none_and_ends_the_appending) {
  const std::string whole = kFirst + "5 1:1:644 a/\n";
  for (const std::string_view rest : {"6", "6 2:2:644 ", "6 2:2:644 b", "6 2:2:644 b/"}) {
    OwnerList list = OwnerList::parse(whole + std::string(rest));
    EXPECT_FALSE(list.whole()) << rest;
    EXPECT_EQ(uid_in(list, "a", 5), 1) << rest;
    EXPECT_EQ(uid_in(list, "b", 6), -1) << rest;
    EXPECT_EQ(list.rewritten(), whole);
    EXPECT_TRUE(list.whole());
  }
}

TEST(owner_list, lines_that_are_none_are_passed_over) {
  const OwnerList list = OwnerList::parse(
      kFirst +
      "x 1:1:644 a/\n5 1:1:999 b/\n-1 1:1:644 c/\n5 1:1 d/\n5 1:1:644 /\n5 1:1:644 e/f/\n"
      "18446744073709551616 1:1:644 g/\n5 1:1:644:char-1 h/\n/\n\n/\n5 1:1:644 z/\n");
  EXPECT_EQ(list.size(), 1U);
  EXPECT_EQ(uid_in(list, "z", 5), 1);
}

TEST(owner_list, a_text_of_somebody_else_notes_nothing) {
  for (const std::string_view text : {"", "5 1:1:644 a/\n", "wolffia owners 2\n5 1:1:644 a/\n"}) {
    const OwnerList list = OwnerList::parse(text);
    EXPECT_EQ(list.size(), 0U);
    EXPECT_FALSE(list.whole());
  }
}
