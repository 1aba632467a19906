// SPDX-License-Identifier: Apache-2.0
#include "launch/rootfs.hpp"

#include <unistd.h>

#include "launch/rootfs_fixture.hpp"

#include "sys/mountinfo.hpp"

namespace wolffia::launch {
namespace {

/// Where and what is mounted, one a line: "/proc proc".
std::string mount_points() {
  std::string points;
  for (const sys::MountInfo& mount : sys::parse_mountinfo(test::read_text("/proc/self/mountinfo")))
    points += mount.point + " " + mount.type + "\n";
  return points;
}

bool contains_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST_F(RootfsTest, builds_what_runc_spec_asks_for) {
  add_runc_spec();
  const std::string text = build(mount_points);
  if (!skipped_.empty()) GTEST_SKIP() << skipped_;
  for (const char* line :
       {"/proc proc", "/dev tmpfs", "/dev/pts devpts", "/dev/shm tmpfs", "/dev/mqueue mqueue",
        "/sys sysfs", "/proc/sys proc", "/proc/bus proc"}) {
    EXPECT_TRUE(contains_line(text, line)) << line << " is missing in\n" << text;
  }
  for (const char* node : {"null", "zero", "full", "random", "urandom", "tty"})
    EXPECT_NE(text.find(std::string("\n/dev/") + node + " "), std::string::npos) << node;
  EXPECT_EQ(text.find("wolffia-stage"), std::string::npos);
}

}  // namespace
}  // namespace wolffia::launch
