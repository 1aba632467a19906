// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>

#include "launch/facts.hpp"
#include "launch/rootfs_fixture.hpp"

// A root file system that must not be written: a shared image, or somebody else's directory.
namespace wolffia::launch {
namespace {

using test::describe;
using test::fingerprint;
using test::mount_at;
using test::mounts;

class CoverTest : public RootfsTest {
 protected:
  CoverTest() {
    std::filesystem::create_directories(in_root("usr/share/doc"));
    test::write_text(in_root("usr/share/file"), "image");
    std::filesystem::create_symlink("usr/share", in_root("link"));
    plan_.root.readonly = true;
    plan_.root.cover = plan::Cover::IfMissing;
  }

  /// Builds and proves that not a byte, not a time of the root directory changed.
  std::string build_unchanged(const std::function<std::string()>& look) {
    const std::string before = fingerprint(root());
    std::string text = build(look);
    EXPECT_EQ(fingerprint(root()), before);
    return text;
  }

  /// A mount inside the root's tree: an overlay would not show it.
  void mount_inside_root() {
    outer_ = [&] { ASSERT_EQ(::mount("t", in_root("tmp").c_str(), "tmpfs", 0, nullptr), 0); };
  }
};

TEST_F(CoverTest, nothing_is_put_above_a_root_that_has_all_mount_points) {
  add_runc_spec();
  const std::string text = build_unchanged(mounts);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text.find("overlay"), std::string::npos) << text;
}

TEST_F(CoverTest, missing_mount_points_are_made_in_an_overlay) {
  add_proc();
  add_tmpfs("/usr/share/new/deep").data = {"mode=701"};
  add_bind("/etc/passwd", "/usr/share/doc/../made");
  const std::string text = build_unchanged([] {
    return mounts() + describe("/usr/share/new/deep") + " " + describe("/usr/share/made") + " " +
           test::read_text("/link/file") + " " + test::try_write("/usr/share/other");
  });
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.ends_with("dir 701 file 644 image EROFS")) << text;
  EXPECT_TRUE(mount_at(text, "/").starts_with("overlay ro")) << text;
  EXPECT_EQ(describe(in_root("usr/share/new")), "missing");
}

TEST_F(CoverTest, missing_devices_and_links_are_made_above_too) {
  add_proc();
  add_default_devices();
  const std::string text = build_unchanged([] { return test::listing("/dev"); });
  SKIP_IF_REFUSED();
  EXPECT_TRUE(test::contains_line(text, "null char 1:3")) << text;
  EXPECT_TRUE(test::contains_line(text, "stdin link /proc/self/fd/0")) << text;
}

TEST_F(CoverTest, single_directories_are_mirrored_where_an_overlay_can_not_be) {
  mount_inside_root();
  add_proc();
  add_tmpfs("/usr/share/new/deep").data = {"mode=701"};
  const std::string text = build_unchanged([] {
    return mounts() + describe("/usr/share/new/deep") + " " + describe("/usr/share/doc") + " " +
           test::read_text("/link/file") + " " + test::try_write("/usr/share/other") + " " +
           test::try_write("/usr/share/doc/other") + " " + test::try_write("/usr/share/file");
  });
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.ends_with("dir 701 dir 755 image EROFS EROFS EROFS")) << text;
  EXPECT_TRUE(mount_at(text, "/usr/share").starts_with("tmpfs ro")) << text;
  EXPECT_EQ(text.find("overlay"), std::string::npos) << text;
}

TEST_F(CoverTest, the_root_directory_itself_can_be_mirrored) {
  mount_inside_root();
  std::filesystem::remove(in_root("proc"));
  add_proc();
  add_tmpfs("/one").data = {"mode=701"};
  add_tmpfs("/two/three").data = {"mode=702"};
  plan_.masked_paths = {"/usr/share"};
  const std::string text = build_unchanged([] {
    return test::listing("/") + "in usr: " + test::listing("/usr/share") +
           "write: " + test::try_write("/x") + " " + test::try_write("/usr/x") + " " +
           describe("/two/three") + " " + describe("/proc/self/status");
  });
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.ends_with("in usr: write: EROFS EROFS dir 702 file 444")) << text;
  EXPECT_TRUE(test::contains_line(text, "link link usr/share")) << text;
  EXPECT_TRUE(test::contains_line(text, "one dir 701")) << text;
}

TEST_F(CoverTest, asked_for_always_the_overlay_takes_every_write) {
  plan_.root.readonly = false;
  plan_.root.cover = plan::Cover::Always;
  const std::string text = build_unchanged([] {
    test::write_text("/usr/share/file", "changed");
    std::filesystem::remove_all("/etc");
    return test::read_text("/usr/share/file") + " " + describe("/etc");
  });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "changed missing");
}

TEST_F(CoverTest, a_root_that_can_not_be_written_is_covered_without_being_asked) {
  plan_.root.readonly = false;
  plan_.root.cover = plan::Cover::Never;
  outer_ = [&] {
    ASSERT_EQ(::mount(root().c_str(), root().c_str(), nullptr, MS_BIND, nullptr), 0);
    ASSERT_EQ(::mount(nullptr, root().c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr),
              0);
  };
  add_tmpfs("/new").data = {"mode=701"};
  const std::string text = build_unchanged([] { return describe("/new"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "dir 701");
}

TEST_F(CoverTest, a_mount_point_in_a_read_only_volume_is_made_above_it) {
  std::filesystem::create_directory(dir_ / "volume");
  test::write_text(dir_ / "volume/file", "volume");
  add_bind(dir_ / "volume", "/data").set = MOUNT_ATTR_RDONLY;
  add_tmpfs("/data/sub").data = {"mode=701"};
  const std::string before = fingerprint(dir_ / "volume");
  const std::string text = build_unchanged([] {
    return describe("/data/sub") + " " + test::read_text("/data/file") + " " +
           test::try_write("/data/file");
  });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "dir 701 volume EROFS");
  EXPECT_EQ(fingerprint(dir_ / "volume"), before);
}

TEST_F(CoverTest, mount_points_in_a_writable_volume_are_made_in_it) {
  std::filesystem::create_directory(dir_ / "volume");
  add_bind(dir_ / "volume", "/data");
  add_tmpfs("/data/sub").data = {"mode=701"};
  const std::string text = build_unchanged([] { return describe("/data/sub"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "dir 701");
  EXPECT_EQ(describe(dir_ / "volume/sub"), "dir 755");
}

TEST_F(CoverTest, what_is_mounted_inside_a_read_only_root_is_read_only) {
  mount_inside_root();
  const std::string text =
      build_unchanged([] { return test::try_write("/tmp/x") + " " + test::try_write("/x"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "EROFS EROFS");
}

TEST_F(CoverTest, hooks_find_a_read_only_root_still_writable) {
  before_seal_ = [](Rootfs& rootfs) -> Result<void> {
    return sys::make_file(rootfs.root, "made-by-hook", 0600);
  };
  const std::string text =
      build([] { return describe("/made-by-hook") + " " + test::try_write("/x"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "file 600 EROFS");
}

}  // namespace
}  // namespace wolffia::launch
