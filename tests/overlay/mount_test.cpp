// SPDX-License-Identifier: Apache-2.0
#include "overlay/mount.hpp"

#include <gtest/gtest.h>

#include "overlay/descriptors.hpp"
#include "overlay/threads.hpp"

using namespace wolffia;
using namespace wolffia::overlay;

namespace {

constexpr MountRights kDirect{.direct = true, .others = false};
constexpr MountRights kHelper{.direct = false, .others = false};
constexpr MountRights kHelperForOthers{.direct = false, .others = true};

const std::string kAlways = "default_permissions,subtype=wolffia-overlay,fsname=wolffia-overlay";

/// The standard ones with a change.
template <class Change>
MountOptions with(Change change) {
  MountOptions mount;
  change(mount);
  return mount;
}

std::string options_of(const MountOptions& mount, const MountRights& rights) {
  const auto options = fuse_options(mount, rights);
  return options ? *options : options.error().message();
}

}  // namespace

TEST(fuse_options, others_look_in_wherever_they_can) {
  EXPECT_EQ(options_of({}, kDirect), kAlways + ",allow_other,suid,nodev,noatime");
  EXPECT_EQ(options_of({}, kHelper), kAlways + ",nosuid,nodev,noatime");
  EXPECT_EQ(options_of({}, kHelperForOthers), kAlways + ",allow_other,nosuid,nodev,noatime");
  EXPECT_EQ(options_of(with([](MountOptions& it) { it.allow_root = true; }), kDirect),
            kAlways + ",allow_root,suid,nodev,noatime");
}

TEST(fuse_options, what_fusermount_refuses_is_told_before) {
  const std::string conf =
      " needs a line user_allow_other in /etc/fuse.conf where fusermount3 "
      "mounts: ask for it, or leave it out";
  EXPECT_EQ(options_of(with([](MountOptions& it) { it.allow_other = true; }), kHelper),
            "allow_other" + conf);
  EXPECT_EQ(options_of(with([](MountOptions& it) { it.allow_root = true; }), kHelper),
            "allow_root" + conf);
  const std::string space =
      " is not for mounts of fusermount3: leave it out, or mount in a user "
      "and mount namespace of your own";
  EXPECT_EQ(options_of(with([](MountOptions& it) { it.suid = true; }), kHelperForOthers),
            "suid" + space);
  EXPECT_EQ(options_of(with([](MountOptions& it) { it.dev = true; }), kHelperForOthers),
            "dev" + space);
}

TEST(fuse_options, flags_and_names_reach_libfuse) {
  MountOptions mount;
  mount.source = "a,b\\c";
  mount.read_only = mount.debug = true;
  mount.exec = false;
  mount.suid = false;
  mount.dev = true;
  EXPECT_EQ(options_of(mount, kDirect),
            "default_permissions,subtype=wolffia-overlay,fsname=a\\,b\\\\c,allow_other,ro,nosuid,"
            "dev,noexec,noatime,debug");
}

TEST(fuse_conf, the_word_stands_on_a_line_of_its_own) {
  EXPECT_TRUE(lets_others_in("# comment\n user_allow_other \nmount_max = 5\n"));
  EXPECT_TRUE(lets_others_in("user_allow_other # yes"));
  EXPECT_FALSE(lets_others_in("#user_allow_other\n"));
  EXPECT_FALSE(lets_others_in("no user_allow_other\nuser_allow_others\n"));
  EXPECT_FALSE(lets_others_in(""));
}

TEST(overlay_threads, quotas_are_whole_processors) {
  EXPECT_EQ(processors_of_quota("max 100000\n"), std::nullopt);
  EXPECT_EQ(processors_of_quota("200000 100000\n"), 2U);
  EXPECT_EQ(processors_of_quota("250000 100000\n"), 3U);
  EXPECT_EQ(processors_of_quota("1000 100000\n"), 1U);
  EXPECT_EQ(processors_of_quota("1000 0\n"), std::nullopt);
  EXPECT_EQ(processors_of_quota(""), std::nullopt);
  EXPECT_EQ(processors_of_quota("18446744073709551615 1"), 65536U);
}

TEST(overlay_threads, the_group_of_the_second_hierarchy) {
  EXPECT_EQ(unified_cgroup("4:memory:/a\n0::/user.slice/x\n"), "/user.slice/x");
  EXPECT_EQ(unified_cgroup("4:memory:/a\n"), "");
  EXPECT_GE(default_threads(), 2U);
}

TEST(descriptors, paths_that_name_them) {
  EXPECT_EQ(descriptor_of("/proc/self/fd/7"), 7);
  EXPECT_EQ(descriptor_of("/dev/fd/12"), 12);
  for (const char* other : {"/proc/self/fd/", "/proc/self/fd/x", "/dev/fd/-1", "/dev/fd/1/a", "/a"})
    EXPECT_EQ(descriptor_of(other), -1) << other;
  Options options;
  options.lower = {"/dev/fd/5", "/a", "/proc/self/fd/4"};
  options.upper = "/dev/fd/5";
  EXPECT_EQ(descriptors_of(options), (std::vector<int>{4, 5}));
}
