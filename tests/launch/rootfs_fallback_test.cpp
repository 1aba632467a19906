// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>

#include "launch/facts.hpp"
#include "launch/rootfs_fixture.hpp"

// The older calls, forced one by one and all together, must build what the newer ones build.
namespace wolffia::launch {
namespace {

class FallbackTest : public RootfsTest, public testing::WithParamInterface<const char*> {
 protected:
  FallbackTest() { forced_ = GetParam(); }

  /// `look` after a build with the calls of this kernel, then with those forced; both are equal.
  void expect_same(const std::function<std::string()>& look) {
    const std::string forced = build(look);
    forced_.clear();
    const std::string usual = build(look);
    SKIP_IF_REFUSED();
    EXPECT_EQ(forced, usual);
    EXPECT_FALSE(usual.starts_with("error")) << usual;
    EXPECT_FALSE(usual.empty());
  }
};

std::string everything() {
  return test::mounts() + test::listing("/") + test::listing("/dev") + test::listing("/data") +
         test::listing("/etc") + test::try_write("/etc/file") + test::try_write("/dev/file");
}

TEST_P(FallbackTest, builds_the_same_container) {
  add_runc_spec();
  expect_same(everything);
}

TEST_P(FallbackTest, gives_mounts_the_same_attributes) {
  outer_ = [&] {
    ASSERT_EQ(::mount("t", (dir_ / "source").c_str(), "tmpfs", MS_NOSUID, nullptr), 0);
    std::filesystem::create_directories(dir_ / "source/sub/deeper");
    ASSERT_EQ(::mount("t", (dir_ / "source/sub").c_str(), "tmpfs", MS_NOATIME, nullptr), 0);
    std::filesystem::create_directories(dir_ / "source/sub/deeper");
    ASSERT_EQ(::mount("t", (dir_ / "source/sub/deeper").c_str(), "tmpfs", MS_RDONLY, nullptr), 0);
    test::write_text(dir_ / "file", "text");
  };
  std::filesystem::create_directory(dir_ / "source");
  add_proc();
  auto& restricted = add_bind(dir_ / "source", "/data");
  restricted.recursive = true;
  restricted.set = MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY;
  restricted.rec_set = MOUNT_ATTR_NOEXEC;
  auto& relaxed = add_bind(dir_ / "source", "/data/../tmp");
  relaxed.recursive = true;
  relaxed.clear = MOUNT_ATTR_NOSUID;  // locked
  relaxed.propagation = MS_PRIVATE;
  relaxed.rec_propagation = true;
  auto& strict = add_tmpfs("/etc");
  strict.set = MOUNT_ATTR_STRICTATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW;
  strict.clear = MOUNT_ATTR__ATIME;
  strict.propagation = MS_SHARED;
  add_bind(dir_ / "file", "/etc/file").set = MOUNT_ATTR_RDONLY;
  plan_.readonly_paths = {"/etc"};
  expect_same(everything);
}

TEST_P(FallbackTest, covers_a_read_only_root_in_the_same_way) {
  std::filesystem::remove(in_root("proc"));
  add_proc();
  add_tmpfs("/deep/er/tmp").data = {"mode=700"};
  plan_.root.readonly = true;
  plan_.root.cover = plan::Cover::IfMissing;
  expect_same(everything);
}

TEST_P(FallbackTest, mirrors_a_directory_in_the_same_way) {
  outer_ = [&] { ASSERT_EQ(::mount("t", in_root("tmp").c_str(), "tmpfs", 0, nullptr), 0); };
  std::filesystem::remove(in_root("proc"));
  std::filesystem::create_symlink("etc", in_root("link"));
  add_proc();
  plan_.root.readonly = true;
  plan_.root.cover = plan::Cover::IfMissing;
  expect_same(everything);
}

TEST_P(FallbackTest, remounts_in_the_same_way) {
  add_proc();
  add_tmpfs("/data").data = {"mode=755", "size=64k"};
  auto& step = add_mount(plan::MountKind::Remount, "", "", "/data");
  step.set = MOUNT_ATTR_NOEXEC;
  expect_same(everything);
}

TEST_P(FallbackTest, enters_without_pivot_root_in_the_same_way) {
  plan_.root.pivot = false;
  add_proc();
  add_bind("/etc", "/data").set = MOUNT_ATTR_RDONLY;
  expect_same([] { return test::listing("/") + test::describe("/../../data"); });
}

TEST_P(FallbackTest, follows_links_inside_the_root_in_the_same_way) {
  std::filesystem::create_directory_symlink("/etc/../data/./x", in_root("link"));
  std::filesystem::create_directory_symlink("../../../../..", in_root("up"));
  std::filesystem::create_directories(in_root("data/x"));
  add_tmpfs("/link/under").data = {"mode=701"};
  add_tmpfs("/up/etc/new").data = {"mode=702"};
  expect_same([] { return test::listing("/data/x") + test::listing("/etc"); });
}

INSTANTIATE_TEST_SUITE_P(Forced, FallbackTest,
                         testing::Values("openat2", "open_tree", "open_tree_attr", "fsopen",
                                         "move_mount", "mount_setattr",
                                         "openat2,open_tree,fsopen,move_mount,mount_setattr"),
                         [](const auto& forced) {
                           const std::string_view list = forced.param;
                           return list.find(',') == list.npos ? std::string(list) : "all";
                         });

}  // namespace
}  // namespace wolffia::launch
