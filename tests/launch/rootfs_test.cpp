// SPDX-License-Identifier: Apache-2.0
#include "launch/rootfs.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include "launch/facts.hpp"
#include "launch/rootfs_fixture.hpp"

namespace wolffia::launch {
namespace {

using test::describe;
using test::mount_at;
using test::mounts;

TEST_F(RootfsTest, builds_what_runc_spec_asks_for) {
  add_runc_spec();
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  struct Row {
    const char* point;
    const char* begins;  // type and attributes
  };
  for (const Row& row :
       {Row{"/proc", "proc rw"}, Row{"/dev", "tmpfs rw,nosuid"}, Row{"/dev/pts", "devpts rw"},
        Row{"/dev/shm", "tmpfs rw"}, Row{"/dev/mqueue", "mqueue rw"}, Row{"/sys", "sysfs ro"},
        Row{"/proc/sys", "proc ro"}}) {
    const std::string found = mount_at(text, row.point);
    EXPECT_TRUE(found.starts_with(row.begins)) << row.point << ": " << found;
  }
  EXPECT_NE(mount_at(text, "/").find(" ro"), std::string::npos);
  EXPECT_TRUE(text.find("stage") == std::string::npos) << text;
}

TEST_F(RootfsTest, nothing_of_the_host_is_mounted_any_more) {
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "");  // there is no /proc to read it from
}

TEST_F(RootfsTest, ends_in_the_new_root) {
  test::write_text(in_root("etc/mark"), "here");
  const std::string text = build([] {
    char cwd[64] = {};
    return test::read_text("/etc/mark") + " " + (::getcwd(cwd, sizeof cwd) ? cwd : "nowhere") +
           " " + describe("etc/mark");
  });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "here / file 644");
}

TEST_F(RootfsTest, no_pivot_leaves_no_way_to_the_host_and_hides_its_proc) {
  plan_.root.pivot = false;
  add_proc();
  test::write_text(in_root("etc/mark"), "here");
  const std::string text = build([] {
    return test::read_text("/etc/mark") + " " + describe("/../../../etc/mark") + " " +
           describe("/proc/self");
  });
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.starts_with("here file 644 link ")) << text;
}

TEST_F(RootfsTest, no_pivot_knows_its_own_proc_by_number_not_by_path) {
  std::filesystem::create_directory_symlink(root(), dir_ / "link");
  plan_.root.path = dir_ / "link";
  plan_.root.pivot = false;
  add_proc();
  const std::string text = build([] { return describe("/proc/self/status"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "file 444");
}

TEST_F(RootfsTest, a_missing_root_is_named) {
  plan_.root.path = dir_ / "nowhere";
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_NE(text.find("root.path " + plan_.root.path), std::string::npos) << text;
  EXPECT_NE(text.find("No such file"), std::string::npos) << text;
}

TEST_F(RootfsTest, a_root_that_is_a_file_is_refused) {
  test::write_text(dir_ / "file", "");
  plan_.root.path = dir_ / "file";
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_NE(text.find("Not a directory"), std::string::npos) << text;
}

TEST_F(RootfsTest, binds_directories_and_files) {
  std::filesystem::create_directory(dir_ / "source");
  test::write_text(dir_ / "source/inner", "from a directory");
  test::write_text(dir_ / "file", "from a file");
  add_bind(dir_ / "source", "/data");
  add_bind(dir_ / "file", "/etc/made/by/us");
  const std::string text = build(
      [] { return test::read_text("/data/inner") + ", " + test::read_text("/etc/made/by/us"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "from a directory, from a file");
  EXPECT_EQ(describe(in_root("etc/made/by/us")), "file 644");
  EXPECT_EQ(test::read_text(in_root("etc/made/by/us")), "") << "the mount point itself is empty";
}

TEST_F(RootfsTest, a_directory_over_a_file_is_explained) {
  std::filesystem::create_directory(dir_ / "source");
  test::write_text(in_root("etc/file"), "");
  add_bind(dir_ / "source", "/etc/file");
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text,
            "error: mounts[0] on /etc/file: the source is a directory, the mount point is not");
}

TEST_F(RootfsTest, a_missing_source_is_named) {
  add_bind(dir_ / "nothing", "/data");
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "error: mounts[0] on /data: source " + (dir_ / "nothing") +
                      ": open_tree: No such file or directory");
}

TEST_F(RootfsTest, source_and_target_can_be_asked_not_to_be_links) {
  std::filesystem::create_symlink("/etc", dir_ / "link");
  add_bind(dir_ / "link", "/data").source_nofollow = true;
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.starts_with("error: mounts[0] on /data: ")) << text;
}

TEST_F(RootfsTest, a_bad_option_is_told_in_the_words_of_the_file_system) {
  add_tmpfs("/tmp").data = {"size=a_lot"};
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.starts_with("error: mounts[0] on /tmp: ")) << text;
  EXPECT_NE(text.find("tmpfs: Bad value for 'size'"), std::string::npos) << text;
}

TEST_F(RootfsTest, an_unknown_file_system_is_an_error) {
  add_mount(plan::MountKind::Filesystem, "nosuchfs", "", "/tmp");
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "error: mounts[0] on /tmp: this kernel has no file system \"nosuchfs\"");
}

TEST_F(RootfsTest, a_tmpfs_takes_the_mode_of_what_it_covers) {
  std::filesystem::permissions(in_root("tmp"), std::filesystem::perms(0751));
  std::filesystem::create_directories(in_root("dev/shm"));
  std::filesystem::permissions(in_root("dev/shm"), std::filesystem::perms(0700));
  add_tmpfs("/tmp");
  add_tmpfs("/dev/shm");
  add_tmpfs("/etc").data = {"mode=0711"};
  add_tmpfs("/new");
  const std::string text = build([] {
    return describe("/tmp") + ", " + describe("/dev/shm") + ", " + describe("/etc") + ", " +
           describe("/new");
  });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "dir 751, dir 1777, dir 711, dir 1777");
}

TEST_F(RootfsTest, tmpcopyup_fills_a_tmpfs_and_leaves_the_original) {
  std::filesystem::create_directories(in_root("data/deep/er"));
  test::write_text(in_root("data/deep/er/file"), "text");
  std::filesystem::permissions(in_root("data/deep"), std::filesystem::perms(0750));
  std::filesystem::create_symlink("../nowhere", in_root("data/link"));
  ASSERT_EQ(::mkfifo(in_root("data/fifo").c_str(), 0640), 0);
  auto& step = add_tmpfs("/data");
  step.copy_up = true;
  const std::string before = test::fingerprint(in_root("data"));
  const std::string text = build([] {
    const std::string seen = test::listing("/data") + test::read_text("/data/deep/er/file");
    (void)test::try_write("/data/deep/new");
    return seen;
  });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "deep dir 750\nfifo fifo 640\nlink link ../nowhere\ntext");
  EXPECT_EQ(test::fingerprint(in_root("data")), before);
}

TEST_F(RootfsTest, later_mounts_lie_above_earlier_ones) {
  std::filesystem::create_directory(dir_ / "source");
  test::write_text(dir_ / "source/file", "second");
  add_tmpfs("/data").data = {"mode=700"};
  add_bind(dir_ / "source", "/data");
  const std::string text = build([] { return test::read_text("/data/file"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "second");
}

TEST_F(RootfsTest, many_mounts_do_not_run_out_of_descriptors) {
  for (int i = 0; i < 700; ++i)
    add_bind("/etc", "/data");
  plan_.readonly_paths = {"/data"};
  const std::string text = build([] { return describe("/data/passwd"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "file 644");
}

TEST_F(RootfsTest, the_hosts_proc_serves_where_a_new_one_is_refused) {
  flags_ &= ~CLONE_NEWPID;
  add_proc().set = MOUNT_ATTR_NOEXEC;
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.starts_with("notice: mounts[0] on /proc: is the host's /proc ")) << text;
  EXPECT_NE(mount_at(text, "/proc").find("noexec"), std::string::npos) << text;
}

TEST_F(RootfsTest, the_hosts_sysfs_is_bound_with_all_attributes_on_all_of_it) {
  flags_ &= ~CLONE_NEWNET;
  add_proc();
  add_mount(plan::MountKind::Sysfs, "sysfs", "sysfs", "/sys").set =
      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC;
  const std::string text = build(mounts);
  SKIP_IF_REFUSED();
  ASSERT_TRUE(text.starts_with("notice: mounts[1] on /sys: is the host's /sys ")) << text;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("/sys")) continue;
    EXPECT_NE(line.find(" ro"), std::string::npos) << line;
    EXPECT_NE(line.find("noexec"), std::string::npos) << line;
  }
}

TEST_F(RootfsTest, a_recursive_bind_is_restricted_all_the_way_down) {
  outer_ = [&] {
    std::filesystem::create_directories(dir_ / "source/sub");
    ASSERT_EQ(::mount("t", (dir_ / "source").c_str(), "tmpfs", 0, nullptr), 0);
    std::filesystem::create_directories(dir_ / "source/sub");
    ASSERT_EQ(::mount("t", (dir_ / "source/sub").c_str(), "tmpfs", 0, nullptr), 0);
  };
  std::filesystem::create_directory(dir_ / "source");
  add_proc();
  auto& step = add_bind(dir_ / "source", "/data");
  step.recursive = true;
  step.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  const std::string text = build([] { return mounts() + test::try_write("/data/sub/file"); });
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.ends_with("EROFS")) << text;
  EXPECT_NE(mount_at(text, "/data/sub").find("ro,nosuid"), std::string::npos) << text;
}

TEST_F(RootfsTest, a_plain_bind_takes_locked_submounts_along_and_restricts_them) {
  outer_ = [&] {
    ASSERT_EQ(::mount("t", (dir_ / "source").c_str(), "tmpfs", 0, nullptr), 0);
    std::filesystem::create_directories(dir_ / "source/sub");
    ASSERT_EQ(::mount("t", (dir_ / "source/sub").c_str(), "tmpfs", 0, nullptr), 0);
    test::write_text(dir_ / "source/sub/file", "seen");
  };
  std::filesystem::create_directory(dir_ / "source");
  add_bind(dir_ / "source", "/data").set = MOUNT_ATTR_RDONLY;
  const std::string text = build(
      [] { return test::read_text("/data/sub/file") + " " + test::try_write("/data/sub/file"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "notice: mounts[0] on /data: comes with the mounts below " + (dir_ / "source") +
                      ", which a user namespace can't leave out\nseen EROFS");
}

TEST_F(RootfsTest, a_cgroup_mount_is_never_writable_nor_fatal) {
  add_proc();
  add_mount(plan::MountKind::Cgroup, "cgroup", "cgroup", "/sys/fs/cgroup");
  const std::string text =
      build([] { return mounts() + test::try_write("/sys/fs/cgroup/wolffia-test"); });
  SKIP_IF_REFUSED();
  EXPECT_NE(mount_at(text, "/sys/fs/cgroup").find(" ro"), std::string::npos) << text;
  EXPECT_FALSE(text.ends_with("ok")) << text;
}

}  // namespace
}  // namespace wolffia::launch
