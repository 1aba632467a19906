// SPDX-License-Identifier: Apache-2.0
#include "sys/mount.hpp"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/mount.h>

#include "support/namespaced.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"

namespace wolffia::sys {
namespace {

std::string text_of(const Result<std::string>& result) {
  return result ? *result : "error: " + result.error().message();
}

/// What `body` returned as root of new user and mount namespaces.
std::string inside(const std::function<Result<std::string>()>& body, std::string& skipped) {
  const auto outcome = test::in_namespaces(0, [&] { return text_of(body()); });
  EXPECT_EQ(outcome.status, 0);
  skipped = outcome.skipped;
  return outcome.text;
}

Result<MountTree> new_tmpfs(uint64_t attributes) {
  const FilesystemContext context = TRY(open_filesystem("tmpfs"));
  TRY(set_option(context, "size", "64k"));
  return make_filesystem(context, attributes);
}

TEST(mount, a_tree_is_attached_where_its_target_is_open) {
  const test::TempDir dir;
  std::string skipped;
  const std::string text = inside(
      [&]() -> Result<std::string> {
        const InRoot target = TRY(open_root(dir.path().c_str()));
        const MountTree tree = TRY(new_tmpfs(MOUNT_ATTR_NOEXEC));
        TRY(attach(tree, target));
        const bool above = TRY(mount_id(tree)) != TRY(mount_id(target));
        const InRoot again = TRY(open_root(dir.path().c_str()));
        const bool found = TRY(mount_id(again)) == TRY(mount_id(tree));
        return cat(above ? "above" : "same", found ? " found" : " lost");
      },
      skipped);
  if (!skipped.empty()) GTEST_SKIP() << skipped;
  EXPECT_EQ(text, "above found");
}

TEST(mount, an_entry_that_is_a_link_is_not_followed) {
  const test::TempDir dir;
  std::filesystem::create_directory(dir / "victim");
  std::filesystem::create_symlink("victim", dir / "link");
  std::string skipped;
  const std::string text = inside(
      [&]() -> Result<std::string> {
        const InRoot parent = TRY(open_root(dir.path().c_str()));
        const MountTree tree = TRY(new_tmpfs(0));
        TRY(attach_at(tree, parent, "link"));
        return std::string("attached");
      },
      skipped);
  if (!skipped.empty()) GTEST_SKIP() << skipped;
  EXPECT_TRUE(text.starts_with("error: move_mount: ")) << text;
}

TEST(mount, attributes_are_read_back_as_they_were_set) {
  const test::TempDir dir;
  std::string skipped;
  constexpr uint64_t kSet = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                            MOUNT_ATTR_NOSYMFOLLOW | MOUNT_ATTR_STRICTATIME;
  const std::string text = inside(
      [&]() -> Result<std::string> {
        const InRoot target = TRY(open_root(dir.path().c_str()));
        const MountTree tree = TRY(new_tmpfs(kSet));
        TRY(attach(tree, target));
        if (TRY(attributes_of(tree)) != kSet) return std::string("as mounted");
        TRY(change_attributes(
            tree, {.set = MOUNT_ATTR_NOATIME, .clear = MOUNT_ATTR__ATIME | MOUNT_ATTR_NOSUID},
            Recurse::No));
        constexpr uint64_t kNow =
            MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSYMFOLLOW | MOUNT_ATTR_NOATIME;
        return std::string(TRY(attributes_of(tree)) == kNow ? "equal" : "as changed");
      },
      skipped);
  if (!skipped.empty()) GTEST_SKIP() << skipped;
  EXPECT_EQ(text, "equal");
}

TEST(mount, attributes_have_their_name_in_mount_2) {
  EXPECT_EQ(legacy_flags(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC),
            MS_RDONLY | MS_NOEXEC | MS_RELATIME);
  EXPECT_EQ(legacy_flags(MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODIRATIME), MS_NOATIME | MS_NODIRATIME);
  EXPECT_EQ(legacy_flags(MOUNT_ATTR_STRICTATIME), MS_STRICTATIME);
}

TEST(mount, a_file_system_explains_itself) {
  std::string skipped;
  const std::string text = inside(
      []() -> Result<std::string> {
        const FilesystemContext context = TRY(open_filesystem("tmpfs"));
        if (set_option(context, "mode", "nine")) return std::string("accepted");
        return filesystem_message(context);
      },
      skipped);
  if (!skipped.empty()) GTEST_SKIP() << skipped;
  EXPECT_NE(text.find("mode"), std::string::npos) << text;
}

TEST(mount, knows_file_systems_by_their_magic) {
  const auto proc = open_root("/proc");
  ASSERT_TRUE(proc);
  EXPECT_EQ(*filesystem_type(*proc), uint64_t{PROC_SUPER_MAGIC});
}

}  // namespace
}  // namespace wolffia::sys
