// SPDX-License-Identifier: Apache-2.0
#include "cgroup/usage.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cgroup {
namespace {

using test::write_text;

/// A directory with the files that a kernel shows.
class CgroupUsageTest : public ::testing::Test {
 protected:
  Group group() {
    std::filesystem::create_directory(temp_ / "box");
    auto root = sys::open_directory(sys::cwd(), temp_.path().c_str());
    const Hierarchy hierarchy{temp_.path(), std::move(root).value(), "/"};
    auto opened = Group::open(hierarchy, "/box");
    return std::move(opened).value();
  }
  void file(const std::string& name, std::string_view text) {
    write_text(temp_ / ("box/" + name), text);
  }

  test::TempDir temp_;
};

TEST_F(CgroupUsageTest, is_what_the_kernel_counts) {
  const Group box = group();
  file("cpu.stat", "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n");
  file("memory.current", "4096\n");
  file("memory.max", "67108864\n");
  file("pids.current", "3\n");
  file("pids.max", "20\n");
  file("io.stat",
       "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n"
       "8:16 rbytes=1 wbytes=2 rios=1 wios=1 dbytes=7 dios=1\n");
  const Usage usage = read_usage(box);
  EXPECT_EQ(usage.cpu_microseconds, 1'500'000U);
  EXPECT_EQ(usage.memory, 4096U);
  EXPECT_EQ(usage.memory_limit, 67'108'864U);
  EXPECT_EQ(usage.processes, 3U);
  EXPECT_EQ(usage.processes_limit, 20U);
  EXPECT_EQ(usage.read_bytes, 11U);
  EXPECT_EQ(usage.written_bytes, 22U);
}

TEST_F(CgroupUsageTest, leaves_out_what_no_controller_counts) {
  const Group box = group();
  file("cpu.stat", "usage_usec 7\n");
  file("memory.current", "1\n");
  file("memory.max", "max\n");
  const Usage usage = read_usage(box);
  EXPECT_EQ(usage.cpu_microseconds, 7U);
  EXPECT_EQ(usage.memory, 1U);
  EXPECT_FALSE(usage.memory_limit);
  EXPECT_FALSE(usage.processes);
  EXPECT_FALSE(usage.processes_limit);
  EXPECT_FALSE(usage.read_bytes);
}

}  // namespace
}  // namespace wolffia::cgroup
