// SPDX-License-Identifier: Apache-2.0
// The lists of a layer, on whatever file system there is: they do not ask it for attributes.
#include "overlay/owner_lists.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <unistd.h>

#include "support/temp_dir.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

using namespace wolffia;
using namespace wolffia::overlay;

namespace {

constexpr const char* kList = OwnerList::kFile;

struct OwnerListsTest : testing::Test {
  OwnerListsTest() {
    for (const char* name : {"layer", "layer/dir", "work"})
      std::filesystem::create_directory(tree / name);
    root = sys::open_at(sys::cwd(), (tree / "layer").c_str(), O_PATH | O_DIRECTORY).value();
    dir = sys::open_at(sys::cwd(), (tree / "layer/dir").c_str(), O_PATH | O_DIRECTORY).value();
    work = sys::open_at(sys::cwd(), (tree / "work").c_str(), O_PATH | O_DIRECTORY).value();
    lists.write_in(work, true);
  }
  void make(const std::string& name) { test::write_text(tree / ("layer/" + name), "text"); }
  static struct stat status(sys::FileAt at) { return sys::stat_of(at).value(); }
  Result<void> give(sys::FileAt at, uint32_t uid) {
    return lists.set(at, status(at), {.uid = uid, .gid = 0, .mode = 0644, .device = 0});
  }
  /// As another daemon would see it. Nothing is -1.
  int64_t uid_of(sys::FileAt at) {
    OwnerLists fresh(root);
    const auto mine = lists.find(at.dir, at.name, status(at));
    const auto read = fresh.find(at.dir, at.name, status(at));
    EXPECT_EQ(mine.has_value(), read.has_value()) << at.name;
    EXPECT_TRUE(!mine || mine->uid == read->uid) << at.name;
    return read ? int64_t{read->uid} : -1;
  }
  std::string text(const std::string& name) { return test::read_text(tree / ("layer/" + name)); }

  test::TempDir tree;
  sys::Fd root, dir, work;
  OwnerLists lists{root};
};

}  // namespace

TEST_F(OwnerListsTest, each_directory_has_its_own_and_speaks_of_itself) {
  make("a");
  make("dir/a");
  EXPECT_EQ(uid_of({root, "a"}), -1);
  ASSERT_TRUE(give({root, "a"}, 5));
  ASSERT_TRUE(give({dir, "a"}, 6));
  ASSERT_TRUE(give({root, "dir"}, 7));
  EXPECT_EQ(uid_of({root, "a"}), 5);
  EXPECT_EQ(uid_of({dir, "a"}), 6);
  EXPECT_EQ(uid_of({root, "dir"}), 7);
  EXPECT_EQ(uid_of({dir, ""}), 7);
  EXPECT_EQ(uid_of({root, ""}), -1);
  ASSERT_TRUE(lists.unset({root, "dir"}, status({dir, ""})));
  EXPECT_EQ(uid_of({root, "dir"}), -1);
  EXPECT_EQ(status({dir, kList}).st_mode & 07777U, 0600U);
}

TEST_F(OwnerListsTest, noting_changes_no_time_of_a_directory) {
  make("a");
  const timespec times[2] = {{1000, 1}, {2000, 2}};
  ASSERT_TRUE(sys::set_times_of({root, "."}, times));
  ASSERT_TRUE(give({root, "a"}, 5));
  ASSERT_TRUE(give({root, "a"}, 6));
  EXPECT_EQ(status({root, ""}).st_mtim.tv_sec, 2000);
  EXPECT_EQ(status({root, ""}).st_mtim.tv_nsec, 2);
}

TEST_F(OwnerListsTest, a_file_takes_its_note_along) {
  make("a");
  ASSERT_TRUE(give({root, "a"}, 5));
  ASSERT_TRUE(lists.move({root, "a"}, {dir, "b"}, 0));
  EXPECT_EQ(uid_of({dir, "b"}), 5);
  make("a");
  EXPECT_EQ(uid_of({root, "a"}), -1);
  ASSERT_TRUE(lists.move({dir, "b"}, {root, "a"}, 0));
  EXPECT_EQ(uid_of({root, "a"}), 5);
  EXPECT_EQ(OwnerList::parse(text("dir/" + std::string(kList))).size(), 0U);
}

TEST_F(OwnerListsTest, two_files_that_change_places_keep_theirs) {
  make("a");
  make("dir/b");
  ASSERT_TRUE(give({root, "a"}, 5));
  ASSERT_TRUE(give({dir, "b"}, 6));
  ASSERT_TRUE(lists.move({root, "a"}, {dir, "b"}, RENAME_EXCHANGE));
  EXPECT_EQ(uid_of({root, "a"}), 6);
  EXPECT_EQ(uid_of({dir, "b"}), 5);
}

TEST_F(OwnerListsTest, a_rename_that_fails_leaves_what_was) {
  make("a");
  make("b");
  ASSERT_TRUE(give({root, "a"}, 5));
  ASSERT_TRUE(give({root, "b"}, 6));
  EXPECT_FALSE(lists.move({root, "a"}, {root, "b"}, RENAME_NOREPLACE));
  EXPECT_FALSE(lists.move({root, "a"}, {root, "dir"}, 0));
  EXPECT_FALSE(lists.move({root, "none"}, {root, "b"}, 0));
  EXPECT_EQ(uid_of({root, "a"}), 5);
  EXPECT_EQ(uid_of({root, "b"}), 6);
}

TEST_F(OwnerListsTest, every_name_of_a_file_has_its_owner) {
  make("a");
  ASSERT_TRUE(give({root, "a"}, 5));
  ASSERT_TRUE(lists.link({root, "a"}, {dir, "b"}));
  EXPECT_EQ(uid_of({dir, "b"}), 5);
  EXPECT_FALSE(lists.link({root, "a"}, {dir, "b"}));
  ASSERT_TRUE(give({dir, "b"}, 6));
  EXPECT_EQ(uid_of({root, "a"}), 6);
  ASSERT_TRUE(lists.remove({root, "a"}));
  EXPECT_EQ(uid_of({dir, "b"}), 6);
  ASSERT_TRUE(lists.link({dir, "b"}, {root, "a"}));
  ASSERT_TRUE(lists.unset({root, "a"}, status({root, "a"})));
  EXPECT_EQ(uid_of({dir, "b"}), -1);
}

TEST_F(OwnerListsTest, a_new_file_of_an_old_name_has_no_note) {
  make("a");
  ASSERT_TRUE(give({root, "a"}, 5));
  std::filesystem::remove(tree / "layer/a");  // as if it was killed before it could say so
  lists.forget({root, "a"});
  make("a");
  EXPECT_EQ(uid_of({root, "a"}), -1);
  EXPECT_EQ(OwnerList::parse(text(kList)).size(), 0U);
}

TEST_F(OwnerListsTest, what_is_there_is_not_forgotten) {
  make("a");
  ASSERT_TRUE(give({root, "a"}, 5));
  lists.forget({root, "a"});
  EXPECT_EQ(uid_of({root, "a"}), 5);
}

TEST_F(OwnerListsTest, an_open_file_without_a_name_keeps_its_owner) {
  make("a");
  ASSERT_TRUE(give({root, "a"}, 5));
  const sys::Fd held = sys::path_of({root, "a"}).value();
  ASSERT_TRUE(lists.remove({root, "a"}));
  const auto noted = lists.find(held, "", status({held, ""}));
  ASSERT_TRUE(noted);
  EXPECT_EQ(noted->uid, 5U);
  ASSERT_TRUE(give({held, ""}, 6));
  EXPECT_EQ(lists.find(held, "", status({held, ""}))->uid, 6U);
}

TEST_F(OwnerListsTest, a_long_list_is_written_anew) {
  make("a");
  make("b");
  ASSERT_TRUE(give({root, "b"}, 1));
  for (uint32_t i = 0; i < 3000; ++i)
    ASSERT_TRUE(give({root, "a"}, i));
  EXPECT_EQ(uid_of({root, "a"}), 2999);
  EXPECT_EQ(uid_of({root, "b"}), 1);
  EXPECT_LT(text(kList).size(), 1200 * std::string_view("1234567890 2999:0:644 a/\n").size());
}

TEST_F(OwnerListsTest, a_torn_line_is_mended) {
  make("a");
  make("b");
  ASSERT_TRUE(give({root, "a"}, 5));
  std::ofstream(tree / (std::string("layer/") + kList), std::ios::app) << "12 0:0:64";
  OwnerLists next(root);
  next.write_in(work, true);
  const struct stat raw = status({root, "b"});
  ASSERT_TRUE(next.set({root, "b"}, raw, {.uid = 6, .gid = 0, .mode = 0644, .device = 0}));
  OwnerLists last(root);
  EXPECT_EQ(last.find(root, "a", status({root, "a"}))->uid, 5U);
  EXPECT_EQ(last.find(root, "b", raw)->uid, 6U);
}

TEST_F(OwnerListsTest, only_a_file_is_a_list) {
  make("a");
  const std::string note = cat("wolffia owners 1\n", status({root, "a"}).st_ino, " 5:5:644 a/\n");
  test::write_text(tree / "elsewhere", note);
  ASSERT_EQ(::symlinkat((tree / "elsewhere").c_str(), root.get(), kList), 0);
  EXPECT_EQ(uid_of({root, "a"}), -1);
  ASSERT_TRUE(give({root, "a"}, 6));
  EXPECT_EQ(uid_of({root, "a"}), 6);
  EXPECT_EQ(test::read_text(tree / "elsewhere"), note);
}
