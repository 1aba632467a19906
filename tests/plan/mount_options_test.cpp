// SPDX-License-Identifier: Apache-2.0
#include "plan/mount_options.hpp"

#include <set>

#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

/// Every option of runtime-spec 1.3.0 config.md, "Linux mount options", and crun's three.
const std::set<std::string_view> kSpecified{"async",
                                            "atime",
                                            "bind",
                                            "defaults",
                                            "dev",
                                            "diratime",
                                            "dirsync",
                                            "exec",
                                            "iversion",
                                            "lazytime",
                                            "loud",
                                            "mand",
                                            "noatime",
                                            "nodev",
                                            "nodiratime",
                                            "noexec",
                                            "noiversion",
                                            "nolazytime",
                                            "nomand",
                                            "norelatime",
                                            "nostrictatime",
                                            "nosuid",
                                            "nosymfollow",
                                            "private",
                                            "ratime",
                                            "rbind",
                                            "rdev",
                                            "rdiratime",
                                            "relatime",
                                            "remount",
                                            "rexec",
                                            "rnoatime",
                                            "rnodev",
                                            "rnodiratime",
                                            "rnoexec",
                                            "rnorelatime",
                                            "rnostrictatime",
                                            "rnosuid",
                                            "rnosymfollow",
                                            "ro",
                                            "rprivate",
                                            "rrelatime",
                                            "rro",
                                            "rrw",
                                            "rshared",
                                            "rslave",
                                            "rstrictatime",
                                            "rsuid",
                                            "rsymfollow",
                                            "runbindable",
                                            "rw",
                                            "shared",
                                            "silent",
                                            "slave",
                                            "strictatime",
                                            "suid",
                                            "symfollow",
                                            "sync",
                                            "tmpcopyup",
                                            "unbindable",
                                            "idmap",
                                            "ridmap",
                                            "copy-symlink",
                                            "src-nofollow",
                                            "dest-nofollow"};

MountStep step_with(std::vector<std::string> options, std::string type = "tmpfs") {
  oci::Spec spec = bundle();
  spec.mounts = {{"/data", std::move(type), "source", std::move(options), {}, {}}};
  const Plan plan = planned(spec, ana());
  return plan.mounts.empty() ? MountStep{} : plan.mounts[0];
}

TEST(mount_options, every_option_of_the_specification_has_a_row) {
  std::set<std::string_view> rows;
  for (const MountOption& row : kMountOptions)
    rows.insert(row.name);
  EXPECT_EQ(rows, kSpecified);
}

TEST(mount_options, each_row_is_found_by_its_name) {
  for (const MountOption& row : kMountOptions)
    EXPECT_EQ(find_mount_option(row.name), &row);
  EXPECT_EQ(find_mount_option("size=1m"), nullptr);
  EXPECT_EQ(find_mount_option(""), nullptr);
  EXPECT_EQ(find_mount_option("zzz"), nullptr);
}

TEST(mount_options, only_propagation_words_are_propagation) {
  ASSERT_NE(find_propagation("rslave"), nullptr);
  EXPECT_EQ(find_propagation("rslave")->value, uint64_t{MS_SLAVE});
  EXPECT_EQ(find_propagation("ro"), nullptr);
}

struct Attribute {
  const char* on;
  const char* off;
  uint64_t bit;
};

class AttributeOption : public testing::TestWithParam<Attribute> {};

TEST_P(AttributeOption, sets_clears_and_the_last_one_wins) {
  const auto& [on, off, bit] = GetParam();
  EXPECT_EQ(step_with({on}).set, bit);
  EXPECT_EQ(step_with({off}).clear, bit);
  EXPECT_EQ(step_with({on, off}).set, 0U);
  EXPECT_EQ(step_with({off, on}).clear, 0U);
}

TEST_P(AttributeOption, has_a_recursive_form) {
  const auto& [on, off, bit] = GetParam();
  const MountStep set = step_with({cat("r", on)});
  EXPECT_EQ(set.rec_set, bit);
  EXPECT_EQ(set.set, 0U);
  EXPECT_EQ(step_with({cat("r", off)}).rec_clear, bit);
}

INSTANTIATE_TEST_SUITE_P(mount_options, AttributeOption,
                         testing::Values(Attribute{"ro", "rw", MOUNT_ATTR_RDONLY},
                                         Attribute{"nosuid", "suid", MOUNT_ATTR_NOSUID},
                                         Attribute{"nodev", "dev", MOUNT_ATTR_NODEV},
                                         Attribute{"noexec", "exec", MOUNT_ATTR_NOEXEC},
                                         Attribute{"nodiratime", "diratime", MOUNT_ATTR_NODIRATIME},
                                         Attribute{"nosymfollow", "symfollow",
                                                   MOUNT_ATTR_NOSYMFOLLOW}));

TEST(mount_options, an_atime_mode_clears_all_of_the_field) {
  const MountStep step = step_with({"noatime"});
  EXPECT_EQ(step.set, uint64_t{MOUNT_ATTR_NOATIME});
  EXPECT_EQ(step.clear, uint64_t{MOUNT_ATTR__ATIME});
}

TEST(mount_options, the_last_atime_mode_wins) {
  EXPECT_EQ(step_with({"noatime", "strictatime"}).set, uint64_t{MOUNT_ATTR_STRICTATIME});
  EXPECT_EQ(step_with({"strictatime", "relatime"}).set, 0U);
  EXPECT_EQ(step_with({"noatime", "atime"}).set, 0U);
}

TEST(mount_options, recursive_atime_is_a_field_of_its_own) {
  const MountStep step = step_with({"noatime", "rstrictatime"});
  EXPECT_EQ(step.set, uint64_t{MOUNT_ATTR_NOATIME});
  EXPECT_EQ(step.rec_set, uint64_t{MOUNT_ATTR_STRICTATIME});
  EXPECT_EQ(step.rec_clear, uint64_t{MOUNT_ATTR__ATIME});
}

TEST(mount_options, the_last_propagation_word_wins) {
  const MountStep step = step_with({"rshared", "slave"});
  EXPECT_EQ(step.propagation, uint64_t{MS_SLAVE});
  EXPECT_FALSE(step.rec_propagation);
}

TEST(mount_options, what_the_runtime_does_not_know_is_data_in_order) {
  EXPECT_EQ(step_with({"size=1m", "nosuid", "mode=755", "huge=never"}).data,
            (std::vector<std::string>{"size=1m", "mode=755", "huge=never"}));
}

TEST(mount_options, an_entry_may_hold_several_options) {
  const MountStep step = step_with({"size=1m,ro,,mode=755,"});
  EXPECT_EQ(step.data, (std::vector<std::string>{"size=1m", "mode=755"}));
  EXPECT_EQ(step.set, uint64_t{MOUNT_ATTR_RDONLY});
}

TEST(mount_options, a_comma_in_quotes_is_text) {
  EXPECT_EQ(step_with({"context=\"u:r:t:s0:c1,c2\",size=1m"}).data,
            (std::vector<std::string>{"context=\"u:r:t:s0:c1,c2\"", "size=1m"}));
}

TEST(mount_options, superblock_flags_go_to_the_file_system_once) {
  EXPECT_EQ(step_with({"sync", "dirsync", "sync", "lazytime", "mand"}).data,
            (std::vector<std::string>{"dirsync", "sync", "lazytime", "mand"}));
}

TEST(mount_options, superblock_flags_can_be_taken_back) {
  EXPECT_TRUE(step_with({"sync", "async"}).data.empty());
  EXPECT_EQ(step_with({"lazytime", "sync", "nolazytime"}).data, (std::vector<std::string>{"sync"}));
}

TEST(mount_options, flags_without_a_meaning_here_do_nothing) {
  const MountStep step = step_with({"defaults", "iversion", "noiversion", "silent", "loud"});
  EXPECT_TRUE(step.data.empty());
  EXPECT_EQ(step.set | step.clear, 0U);
}

TEST(mount_options, nofollow_options_are_carried) {
  const MountStep step = step_with({"bind", "src-nofollow", "dest-nofollow"}, "bind");
  EXPECT_TRUE(step.source_nofollow);
  EXPECT_TRUE(step.target_nofollow);
}

}  // namespace
}  // namespace wolffia::plan::test
