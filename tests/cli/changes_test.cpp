// SPDX-License-Identifier: Apache-2.0
#include "cli/changes.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "support/temp_dir.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"
#include "sys/path.hpp"

namespace wolffia::cli {
namespace {

/// Two layers and a tree to compare with them.
class Changes : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"bottom", "top", "tree"})
      directory(name);
  }

  std::string path(const std::string& name) const { return temp_.path() + "/" + name; }
  void directory(const std::string& name) const {
    ASSERT_EQ(::mkdir(path(name).c_str(), 0755), 0) << name;
  }
  void file(const std::string& name, const std::string& text = "x") const {
    const auto made =
        sys::open_at(sys::cwd(), path(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ASSERT_TRUE(made && sys::write_all(*made, text)) << name;
    ASSERT_TRUE(sys::set_times(*made, {.tv_sec = 1, .tv_nsec = 0}));
  }
  void whiteout(const std::string& name) const {
    ASSERT_EQ(::mknod(path(name).c_str(), S_IFCHR, ::makedev(0, 0)), 0) << name;
  }
  void mark(const std::string& name, const char* attribute, const char* value) const {
    const auto opened = sys::open_at(sys::cwd(), path(name).c_str(), O_RDONLY);
    ASSERT_TRUE(opened && sys::set_attribute(*opened, attribute, value)) << name;
  }

  std::string found(ComparedTree kind = ComparedTree::Upper,
                    const std::set<std::string>& own = {}) const {
    std::vector<sys::InRoot> layers;
    for (const char* name : {"bottom", "top"})
      layers.push_back(sys::open_root(path(name).c_str()).value());
    const auto tree = sys::open_directory(sys::cwd(), path("tree").c_str());
    const auto changes = changes_of(*tree, kind, layers, own);
    if (!changes) return changes.error().message();
    std::string out;
    for (const Change& change : *changes)
      out += cat(std::string_view("ACD").substr(static_cast<size_t>(change.kind), 1), change.path,
                 " ");
    return out;
  }

  test::TempDir temp_;
};

TEST_F(Changes, are_none_of_an_empty_upper_directory) {
  file("bottom/file");
  EXPECT_EQ(found(), "");
}

TEST_F(Changes, of_names_are_told_apart) {
  file("bottom/changed");
  file("top/deleted");
  file("tree/changed");
  file("tree/added");
  whiteout("tree/deleted");
  whiteout("tree/never-there");
  EXPECT_EQ(found(), "A/added C/changed D/deleted ");
}

TEST_F(Changes, know_both_marks_of_what_is_gone) {
  file("bottom/one");
  file("bottom/two");
  file("tree/one", "");
  mark("tree/one", "user.overlay.whiteout", "");
  mark("tree", "user.overlay.opaque", "x");
  whiteout("tree/two");
  EXPECT_EQ(found(), "D/one D/two ");
}

TEST_F(Changes, see_what_an_upper_layer_took_away_as_missing) {
  file("bottom/file");
  whiteout("top/file");
  file("tree/file");
  EXPECT_EQ(found(), "A/file ");
}

TEST_F(Changes, of_an_opaque_directory_are_all_it_hides) {
  directory("bottom/d");
  directory("top/d");
  directory("tree/d");
  file("bottom/d/low");
  file("top/d/high");
  file("top/d/kept");
  file("tree/d/kept");
  mark("tree/d", "user.overlay.opaque", "y");
  EXPECT_EQ(found(), "C/d D/d/high C/d/kept D/d/low ");
}

TEST_F(Changes, of_a_directory_are_its_rights_and_what_is_in_it) {
  for (const char* name : {"same", "mode", "inner"}) {
    directory(cat("bottom/", name));
    directory(cat("tree/", name));
  }
  ASSERT_EQ(::chmod(path("tree/mode").c_str(), 0700), 0);
  file("tree/inner/file");
  EXPECT_EQ(found(), "C/inner A/inner/file C/mode ");
}

TEST_F(Changes, of_type_are_changes) {
  file("bottom/was-file");
  directory("bottom/was-directory");
  file("bottom/was-directory/inner");
  directory("tree/was-file");
  file("tree/was-file/inner");
  file("tree/was-directory");
  EXPECT_EQ(found(), "C/was-directory C/was-file A/was-file/inner ");
}

TEST_F(Changes, of_our_own_are_not_told) {
  directory("bottom/etc");
  directory("tree/etc");
  file("tree/etc/hosts", "");
  file("tree/etc/mtab", "");
  directory("tree/mnt");
  directory("tree/mnt/volume");
  const std::vector<std::string> mounted{"/etc/hosts", "/mnt/volume", "/"};
  EXPECT_EQ(found(ComparedTree::Upper, with_parents(mounted)), "C/etc A/etc/mtab ");
  file("tree/mnt/kept");
  EXPECT_EQ(found(ComparedTree::Upper, with_parents(mounted)),
            "C/etc A/etc/mtab A/mnt A/mnt/kept ");
}

TEST_F(Changes, of_a_copy_are_found_by_what_files_are) {
  for (const char* name : {"same", "size", "gone"})
    file(cat("bottom/", name));
  file("tree/same");
  file("tree/size", "xx");
  file("tree/new");
  ASSERT_EQ(::symlink("a", path("bottom/link").c_str()), 0);
  ASSERT_EQ(::symlink("b", path("tree/link").c_str()), 0);
  EXPECT_EQ(found(ComparedTree::Whole), "D/gone C/link A/new C/size ");
}

TEST_F(Changes, of_a_copy_are_also_attributes_that_leave_no_other_trace) {
  for (const char* name : {"bottom/file", "bottom/same", "tree/file", "tree/same"})
    file(name);
  mark("tree/file", "user.colour", "green");
  mark("bottom/same", "user.overlay.origin", "x");
  EXPECT_EQ(found(ComparedTree::Whole), "C/file ");
}

TEST_F(Changes, of_a_directory_are_also_its_attributes) {
  for (const char* name : {"bottom/dir", "bottom/same", "tree/dir", "tree/same"})
    directory(name);
  mark("tree/dir", "user.containers.override_stat", "7:8:040755");
  mark("tree/same", "user.overlay.origin", "x");
  EXPECT_EQ(found(), "C/dir ");
  EXPECT_EQ(found(ComparedTree::Whole), "C/dir ");
}

}  // namespace
}  // namespace wolffia::cli
