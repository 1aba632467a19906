// SPDX-License-Identifier: Apache-2.0
#include "sys/path.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "support/temp_dir.hpp"
#include "sys/file.hpp"

// Both ways to resolve a path inside a root give the same file, or the same failure.
namespace wolffia::sys {
namespace {

class PathTest : public testing::Test {
 protected:
  PathTest() {
    std::filesystem::create_directories(dir_ / "root/a/b");
    test::write_text(dir_ / "root/a/b/file", "inside");
    test::write_text(dir_ / "outside", "outside");
    auto root = open_root((dir_ / "root").c_str());
    EXPECT_TRUE(root);
    root_ = std::move(root).value();
  }

  void link(const std::string& target, const std::string& name) {
    std::filesystem::create_symlink(target, dir_ / "root/" + name);
  }

  /// The text of the file by openat2(2) and by steps, if they agree; else both.
  std::string read_both(const std::string& path) {
    const std::string by_kernel = read(open_in_root(root_, path.c_str(), O_RDONLY));
    auto walked = walk_in_root(root_, path, O_RDONLY);
    const std::string by_steps = !walked ? ::strerrorname_np(walked.error().code())
                                 : !walked->missing.empty() ? "ENOENT"
                                                            : read(std::move(walked->at));
    return by_kernel == by_steps ? by_steps : by_kernel + " or " + by_steps;
  }

  static std::string read(Result<InRoot> file) {
    if (!file) return ::strerrorname_np(file.error().code());
    const auto text = read_all(*file, 1000);
    return text ? *text : std::string(::strerrorname_np(text.error().code()));
  }

  test::TempDir dir_;
  InRoot root_;
};

TEST_F(PathTest, plain_paths_are_found) {
  EXPECT_EQ(read_both("a/b/file"), "inside");
  EXPECT_EQ(read_both("/a//b/./file"), "inside");
  EXPECT_EQ(read_both("/a/../a/b/../b/file"), "inside");
  EXPECT_EQ(read_both("/a/none/file"), "ENOENT");
  EXPECT_EQ(read_both("/a/b/file/below"), "ENOTDIR");
  EXPECT_EQ(read_both("/a/b/file/"), "ENOTDIR");
}

TEST_F(PathTest, nothing_leads_above_the_root) {
  EXPECT_EQ(read_both("../outside"), "ENOENT");
  EXPECT_EQ(read_both("/../../../a/b/file"), "inside");
  link("../../outside", "up");
  EXPECT_EQ(read_both("up"), "ENOENT");
  link((dir_ / "outside"), "absolute");
  EXPECT_EQ(read_both("absolute"), "ENOENT");
}

TEST_F(PathTest, links_are_resolved_as_if_the_root_were_slash) {
  link("/a", "to_a");
  link("to_a/b", "to_b");
  link("/a/b/../b/file", "to_file");
  EXPECT_EQ(read_both("to_b/file"), "inside");
  EXPECT_EQ(read_both("to_file"), "inside");
  link("/", "to_root");
  EXPECT_EQ(read_both("a/../to_root/to_root/a/b/file"), "inside");
}

TEST_F(PathTest, circles_and_chains_end_as_in_the_kernel) {
  link("circle", "circle");
  EXPECT_EQ(read_both("circle"), "ELOOP");
  link("/a/b/file", "chain0");
  for (int i = 1; i <= 40; ++i)
    link("chain" + std::to_string(i - 1), "chain" + std::to_string(i));
  EXPECT_EQ(read_both("chain39"), "inside");
  EXPECT_EQ(read_both("chain40"), "ELOOP");
}

TEST_F(PathTest, a_last_link_can_be_left_alone) {
  link("/a/b/file", "link");
  EXPECT_EQ(open_in_root(root_, "link", O_RDONLY | O_NOFOLLOW).error().code(), ELOOP);
  EXPECT_EQ(walk_in_root(root_, "link", O_RDONLY | O_NOFOLLOW).error().code(), ELOOP);
  for (auto& found : {open_in_root(root_, "link", O_PATH | O_NOFOLLOW)})
    EXPECT_EQ(*link_text(*found), "/a/b/file");
  const auto walked = walk_in_root(root_, "link", O_PATH | O_NOFOLLOW);
  EXPECT_EQ(*link_text(walked->at), "/a/b/file");
}

TEST_F(PathTest, a_directory_can_be_asked_for) {
  EXPECT_EQ(open_in_root(root_, "a/b/file", O_PATH | O_DIRECTORY).error().code(), ENOTDIR);
  EXPECT_EQ(walk_in_root(root_, "a/b/file", O_PATH | O_DIRECTORY).error().code(), ENOTDIR);
  link("a", "link");
  EXPECT_EQ(open_in_root(root_, "link", O_PATH | O_DIRECTORY | O_NOFOLLOW).error().code(), ENOTDIR);
  EXPECT_TRUE(walk_in_root(root_, "link", O_PATH | O_DIRECTORY));
}

TEST_F(PathTest, magic_links_are_not_followed) {
  auto slash = open_root("/");
  ASSERT_TRUE(slash);
  for (const char* path : {"proc/self/root/etc", "proc/self/cwd", "proc/self/exe", "proc/self/fd/0",
                           "proc/self/ns/mnt"}) {
    EXPECT_EQ(open_in_root(*slash, path, O_PATH).error().code(), ELOOP) << path;
    const auto walked = walk_in_root(*slash, path, O_PATH);
    ASSERT_FALSE(walked) << path;
    EXPECT_EQ(walked.error().code(), ELOOP) << path;
  }
  EXPECT_TRUE(walk_in_root(*slash, "proc/self/status", O_PATH)) << "self is only text";
  EXPECT_TRUE(walk_in_root(*slash, "proc/mounts", O_PATH)) << "so is mounts";
}

TEST_F(PathTest, what_is_missing_is_told_from_where_it_is_missing) {
  struct Row {
    const char* path;
    const char* missing;
  };
  link("/a/not/there", "dangling");
  for (const Row& row :
       {Row{"a/x/y", "x/y"}, Row{"a/b/../x/./y/z/..", "x/y"}, Row{"dangling", "not/there"},
        Row{"dangling/more", "not/there/more"}, Row{"a/b", ""}}) {
    const auto walked = walk_in_root(root_, row.path, O_PATH);
    ASSERT_TRUE(walked) << row.path;
    EXPECT_EQ(walked->missing, row.missing) << row.path;
  }
  EXPECT_EQ(walk_in_root(root_, "x/../../y", O_PATH).error().code(), ENOENT);
}

TEST_F(PathTest, directories_are_made_inside_whatever_links_say) {
  link((dir_ / "made_outside"), "link");
  ASSERT_TRUE(make_directories(root_, "/link/sub", 0755));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "made_outside"));
  EXPECT_TRUE(std::filesystem::is_directory(dir_ / "root" + (dir_ / "made_outside/sub")));
  EXPECT_TRUE(make_directories(root_, "a/b", 0755)) << "what exists is no error";
  EXPECT_EQ(make_directories(root_, "a/b/file/sub", 0755).error().code(), ENOTDIR);
}

TEST_F(PathTest, entries_are_made_once_and_never_through_links) {
  link("/a/b", "link");
  EXPECT_EQ(make_file(root_, "link", 0600).error().code(), EEXIST);
  EXPECT_EQ(make_directories_below(root_, "link", 0700).error().code(), ENOTDIR);
  EXPECT_EQ(open_entry(root_, "link", O_RDONLY).error().code(), ELOOP);
  ASSERT_TRUE(make_file(root_, "new", 0600));
  ASSERT_TRUE(make_symlink("anything", root_, "new_link"));
  EXPECT_EQ(std::filesystem::read_symlink(dir_ / "root/new_link"), "anything");
}

TEST_F(PathTest, long_detours_are_refused) {
  std::string path;
  for (int i = 0; i < 2000; ++i)
    path += "a/../";
  EXPECT_TRUE(walk_in_root(root_, path + "a/b/file", O_PATH)) << "length alone is no reason";
  link(std::string(3000, '/') + "a", "slashes");
  link("slashes/" + std::string(2000, '/') + "b", "more");
  EXPECT_EQ(walk_in_root(root_, "more/file", O_PATH).error().code(), ENAMETOOLONG);
}

}  // namespace
}  // namespace wolffia::sys
