// SPDX-License-Identifier: Apache-2.0
#include "container/memory_kills.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::container {
namespace {

using test::write_text;

/// A directory with the files that a kernel shows.
class MemoryKillsTest : public ::testing::Test {
 protected:
  MemoryKills watched(bool ours = true) {
    std::filesystem::create_directory(temp_ / "box");
    auto root = sys::open_directory(sys::cwd(), temp_.path().c_str());
    const cgroup::Hierarchy hierarchy{temp_.path(), std::move(root).value(), "/"};
    auto group = cgroup::Group::open(hierarchy, "/box");
    return {std::move(group).value(), ours};
  }
  void file(const std::string& name, std::string_view text) {
    std::filesystem::create_directory(temp_ / "box");
    write_text(temp_ / ("box/" + name), text);
  }

  test::TempDir temp_;
};

TEST_F(MemoryKillsTest, are_none_without_the_controller) {
  MemoryKills kills = watched();
  kills.look();
  EXPECT_EQ(kills.count(), 0U);
  EXPECT_FALSE(kills.file());
}

TEST_F(MemoryKillsTest, are_told_with_the_limit) {
  file("memory.events", "low 0\nhigh 0\nmax 12\noom 2\noom_kill 0\n");
  file("memory.max", "max\n");
  MemoryKills kills = watched();
  EXPECT_EQ(kills.count(), 0U) << "an allocation that was refused killed nobody";
  file("memory.events", "low 0\nhigh 0\nmax 12\noom 2\noom_kill 2\noom_group_kill 0\n");
  EXPECT_EQ(kills.count(), 0U);
  kills.look();
  EXPECT_EQ(kills.count(), 2U);
  EXPECT_EQ(kills.sentence("box"),
            "the kernel killed 2 processes of container box for want of memory");
  file("memory.max", "4096\n");
  kills.look();
  EXPECT_EQ(kills.sentence("box"),
            "the kernel killed 2 processes of container box for want of memory: its limit is 4096 "
            "bytes");
}

TEST_F(MemoryKillsTest, of_others_before_us_do_not_count) {
  file("memory.events", "oom_kill 3\n");
  MemoryKills kills = watched(false);
  EXPECT_EQ(kills.count(), 0U);
  file("memory.events", "oom_kill 4\n");
  kills.look();
  EXPECT_EQ(kills.count(), 1U);
}

}  // namespace
}  // namespace wolffia::container
