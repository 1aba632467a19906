// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>

#include "launch/facts.hpp"
#include "launch/rootfs_fixture.hpp"

namespace wolffia::launch {
namespace {

using test::mount_at;
using test::mounts;

/// A directory `source` that the host has mounted with flags a user namespace can't take away.
class AttributesTest : public RootfsTest {
 protected:
  AttributesTest() {
    std::filesystem::create_directory(source());
    add_proc();
  }

  std::string source() const { return dir_ / "source"; }

  void mount_source(unsigned long flags) {
    outer_ = [this, flags] {
      ASSERT_EQ(::mount("t", source().c_str(), "tmpfs", 0, nullptr), 0);
      std::filesystem::create_directory(source() + "/sub");
      ASSERT_EQ(::mount("t", (source() + "/sub").c_str(), "tmpfs", 0, nullptr), 0);
      ASSERT_EQ(::mount(nullptr, source().c_str(), nullptr, MS_REMOUNT | MS_BIND | flags, nullptr),
                0);
    };
  }
};

TEST_F(AttributesTest, locked_flags_stay_and_are_told_once) {
  mount_source(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOATIME);
  auto& step = add_bind(source(), "/data");
  step.recursive = true;
  step.clear = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR__ATIME;
  step.set = MOUNT_ATTR_NOEXEC;
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_TRUE(
      text.starts_with("notice: mounts[1] on /data: keeps ro, nosuid, the atime mode of "
                       "its source, locked outside this user namespace\n"))
      << text;
  EXPECT_TRUE(mount_at(text, "/data").starts_with("tmpfs ro,nosuid,nodev,noexec,noatime")) << text;
}

TEST_F(AttributesTest, what_is_not_locked_is_cleared_beside_what_is) {
  mount_source(MS_NOSUID);
  auto& step = add_bind(source(), "/data");
  step.recursive = true;
  step.clear = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  step.propagation = MS_PRIVATE;
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_NE(text.find("keeps nosuid of its source"), std::string::npos) << text;
  EXPECT_EQ(mount_at(text, "/data"), "tmpfs rw,nosuid,relatime");
}

TEST_F(AttributesTest, a_recursive_clear_spares_only_what_is_locked) {
  mount_source(MS_NOSUID | MS_NODEV);
  auto& step = add_bind(source(), "/data");
  step.recursive = true;
  step.rec_clear = MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY;
  step.rec_set = MOUNT_ATTR_NOEXEC;
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_EQ(mount_at(text, "/data"), "tmpfs rw,nosuid,nodev,noexec,relatime");
  EXPECT_EQ(mount_at(text, "/data/sub"), "tmpfs rw,noexec,relatime");
}

TEST_F(AttributesTest, nothing_is_said_where_nothing_was_kept) {
  mount_source(0);
  auto& step = add_bind(source(), "/data");
  step.recursive = true;
  step.clear = MOUNT_ATTR_RDONLY;
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text.find("notice"), std::string::npos) << text;
}

TEST_F(AttributesTest, recursive_options_reach_submounts) {
  mount_source(0);
  auto& step = add_bind(source(), "/data");
  step.recursive = true;
  step.rec_set = MOUNT_ATTR_NOSUID;
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_EQ(mount_at(text, "/data"), "tmpfs rw,nosuid,relatime");
  EXPECT_EQ(mount_at(text, "/data/sub"), "tmpfs rw,nosuid,relatime");
}

TEST_F(AttributesTest, an_atime_mode_that_can_not_be_had_does_not_hold_up_the_rest) {
  mount_source(0);
  auto& step = add_bind(source(), "/data");
  step.recursive = true;
  step.set = MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NODEV;
  step.clear = MOUNT_ATTR__ATIME;
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_NE(text.find("keeps the atime mode of its source"), std::string::npos) << text;
  EXPECT_EQ(mount_at(text, "/data"), "tmpfs rw,nodev,relatime");
}

TEST_F(AttributesTest, every_attribute_can_be_given_to_a_new_file_system) {
  struct Row {
    uint64_t set;
    const char* shown;
  };
  for (const Row& row :
       {Row{MOUNT_ATTR_RDONLY, "ro,relatime"}, Row{MOUNT_ATTR_NOSUID, "rw,nosuid,relatime"},
        Row{MOUNT_ATTR_NODEV, "rw,nodev,relatime"}, Row{MOUNT_ATTR_NOEXEC, "rw,noexec,relatime"},
        Row{MOUNT_ATTR_NOATIME, "rw,noatime"}, Row{MOUNT_ATTR_STRICTATIME, "rw"},
        Row{MOUNT_ATTR_NODIRATIME, "rw,nodiratime,relatime"},
        Row{MOUNT_ATTR_NOSYMFOLLOW, "rw,relatime,nosymfollow"}}) {
    plan_.mounts.resize(1);
    add_tmpfs("/data").set = row.set;
    const std::string text = build(mounts);
    SKIP_IF_REFUSED();
    EXPECT_EQ(mount_at(text, "/data"), std::string("tmpfs ") + row.shown);
  }
}

TEST_F(AttributesTest, propagation_is_what_was_asked_for) {
  struct Row {
    uint64_t propagation;
    const char* shown;
  };
  for (const Row& row : {Row{MS_SHARED, " shared"}, Row{MS_PRIVATE, ""}, Row{MS_SLAVE, ""},
                         Row{MS_UNBINDABLE, " unbindable"}}) {
    plan_.mounts.resize(1);
    add_tmpfs("/data").propagation = row.propagation;
    const std::string text = build(mounts);
    SKIP_IF_REFUSED();
    EXPECT_EQ(mount_at(text, "/data"), std::string("tmpfs rw,relatime") + row.shown);
  }
}

TEST_F(AttributesTest, the_root_is_private_and_nothing_is_shared_with_the_host) {
  outer_ = [] { ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr), 0); };
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text.find("shared"), std::string::npos) << text;
  EXPECT_EQ(mount_at(text, "/").find("master"), std::string::npos) << text;
}

TEST_F(AttributesTest, rootfs_propagation_is_applied) {
  outer_ = [] { ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr), 0); };
  struct Row {
    uint64_t propagation;
    bool recursive;
    const char* root;
    const char* proc;
  };
  for (const Row& row :
       {Row{MS_SHARED, false, " shared master", ""},
        Row{MS_SHARED, true, " shared master", " shared"}, Row{MS_SLAVE, true, " master", ""},
        Row{MS_PRIVATE, true, "", ""}, Row{MS_UNBINDABLE, false, " unbindable", ""}}) {
    plan_.root.propagation = row.propagation;
    plan_.root.rec_propagation = row.recursive;
    const std::string text = build(mounts);
    SKIP_IF_REFUSED();
    EXPECT_TRUE(mount_at(text, "/").ends_with(std::string("relatime") + row.root)) << text;
    EXPECT_EQ(mount_at(text, "/proc"), std::string("proc rw,relatime") + row.proc);
  }
}

TEST_F(AttributesTest, a_remount_changes_what_is_there) {
  add_tmpfs("/data").data = {"size=64k"};
  auto& step = add_mount(plan::MountKind::Remount, "", "", "/data");
  step.set = MOUNT_ATTR_RDONLY;
  step.data = {"size=128k"};
  const std::string text = build([] { return mounts() + test::read_text("/proc/self/mountinfo"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(mount_at(text, "/data"), "tmpfs ro,relatime");
  EXPECT_NE(text.find("size=128k"), std::string::npos) << text;
}

TEST_F(AttributesTest, a_remount_of_a_plain_directory_is_an_error) {
  add_mount(plan::MountKind::Remount, "", "", "/data").set = MOUNT_ATTR_RDONLY;
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.starts_with("error: mounts[1] on /data: ")) << text;
}

}  // namespace
}  // namespace wolffia::launch
