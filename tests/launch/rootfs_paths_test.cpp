// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>

#include "launch/facts.hpp"
#include "launch/rootfs_fixture.hpp"

namespace wolffia::launch {
namespace {

using test::describe;
using test::mount_at;
using test::mounts;
using test::try_write;

TEST_F(RootfsTest, masked_files_are_null_and_masked_directories_empty) {
  std::filesystem::create_directories(in_root("data/one"));
  std::filesystem::create_directories(in_root("data/two"));
  test::write_text(in_root("data/one/file"), "hidden");
  test::write_text(in_root("data/two/file"), "hidden");
  test::write_text(in_root("etc/secret"), "hidden");
  plan_.masked_paths = {"/data/one", "/data/two", "/etc/secret", "/not/there", "/etc/secret/below"};
  const std::string text = build([] {
    return test::listing("/data/one") + test::listing("/data/two") + describe("/etc/secret") + " " +
           try_write("/data/one/x") + " " + try_write("/data/two/x");
  });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "char 1:3 EROFS EROFS");
}

TEST_F(RootfsTest, a_mask_can_not_be_changed_from_inside) {
  add_proc();
  plan_.masked_paths = {"/data"};
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_TRUE(mount_at(text, "/data").starts_with("tmpfs ro,nosuid,nodev,noexec")) << text;
}

TEST_F(RootfsTest, a_mask_that_would_hide_nothing_is_an_error) {
  plan_.masked_paths = {"/"};
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "error: linux.maskedPaths /: the root itself can't be masked");
}

TEST_F(RootfsTest, the_host_null_is_used_even_where_no_device_is_asked_for) {
  test::write_text(in_root("etc/secret"), "hidden");
  add_tmpfs("/dev");
  plan_.masked_paths = {"/etc/secret"};
  const std::string text = build([] { return describe("/etc/secret"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "char 1:3");
}

TEST_F(RootfsTest, readonly_paths_are_read_only_with_all_below) {
  outer_ = [&] {
    ASSERT_EQ(::mount("t", (dir_ / "source").c_str(), "tmpfs", MS_NOSUID | MS_NOEXEC, nullptr), 0);
    std::filesystem::create_directory(dir_ / "source/sub");
    ASSERT_EQ(::mount("t", (dir_ / "source/sub").c_str(), "tmpfs", MS_NODEV, nullptr), 0);
  };
  std::filesystem::create_directory(dir_ / "source");
  add_proc();
  add_bind(dir_ / "source", "/data").recursive = true;
  plan_.readonly_paths = {"/data", "/etc", "/not/there"};
  const std::string text = build([] {
    return mounts() + try_write("/data/x") + " " + try_write("/data/sub/x") + " " +
           try_write("/etc/x") + " " + try_write("/tmp/x");
  });
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.ends_with("EROFS EROFS EROFS ok")) << text;
  EXPECT_TRUE(test::contains_line(text, "/data tmpfs ro,nosuid,noexec,relatime")) << text;
  EXPECT_TRUE(test::contains_line(text, "/data/sub tmpfs ro,nodev,relatime")) << text;
}

TEST_F(RootfsTest, the_root_as_a_readonly_path_holds_for_everything) {
  add_tmpfs("/tmp");
  plan_.readonly_paths = {"/"};
  const std::string text = build([] { return try_write("/x") + " " + try_write("/tmp/x"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "EROFS EROFS");
}

TEST_F(RootfsTest, a_read_only_root_leaves_its_mounts_as_they_are) {
  add_tmpfs("/tmp");
  plan_.root.readonly = true;
  plan_.root.cover = plan::Cover::IfMissing;
  const std::string text = build([] { return try_write("/x") + " " + try_write("/tmp/x"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "EROFS ok");
}

}  // namespace
}  // namespace wolffia::launch
