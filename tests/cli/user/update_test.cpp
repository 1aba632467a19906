// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/parsing.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/limits.hpp"
#include "cli/user/recorded.hpp"
#include "cli/user/usage.hpp"

namespace wolffia::cli::user {
namespace {

oci::Resources changed_by(const Words& words, bool limits_swap = true) {
  const Arguments arguments = parsed(kProgram, words);
  auto changed = resources_to_change(arguments, limits_swap);
  EXPECT_TRUE(changed) << changed.error().message();
  return changed ? std::move(changed).value() : oci::Resources();
}

TEST(update, changes_what_is_named_and_nothing_else) {
  const oci::Resources memory = changed_by({"update", "--memory", "64m", "box"});
  EXPECT_EQ(memory.memory.limit, 64 << 20);
  EXPECT_EQ(memory.memory.swap, 128 << 20);
  EXPECT_FALSE(memory.cpu.quota);
  EXPECT_FALSE(memory.pids);
  EXPECT_FALSE(changed_by({"update", "--memory", "64m", "box"}, false).memory.swap);
  const oci::Resources cpus = changed_by({"update", "--cpus", "1.5", "box"});
  EXPECT_EQ(cpus.cpu.quota, 150'000);
  EXPECT_EQ(cpus.cpu.period, 100'000U);
  EXPECT_FALSE(cpus.memory.limit);
  EXPECT_EQ(changed_by({"update", "--pids-limit", "9", "box"}).pids, 9);
}

TEST(update, lifts_limits_with_0) {
  const oci::Resources lifted =
      changed_by({"update", "--memory", "0", "--cpus", "0", "--pids-limit", "-1", "box"});
  EXPECT_EQ(lifted.memory.limit, -1);
  EXPECT_EQ(lifted.memory.swap, -1);
  EXPECT_EQ(lifted.cpu.quota, -1);
  EXPECT_EQ(lifted.pids, -1);
}

TEST(update, counts_more_than_what_a_container_was_made_with) {
  Record record;
  record.id = "0123456789ab";
  Limits limits{.memory = 1, .cpu_thousandths = 2, .pids = 3};
  ASSERT_TRUE(change_limits(record, limits));
  EXPECT_EQ(limits.memory, 1U);
  record.updated = {"--memory=64m", "--pids-limit=-1"};
  ASSERT_TRUE(change_limits(record, limits));
  EXPECT_EQ(limits.memory, 64U << 20U);
  EXPECT_EQ(limits.cpu_thousandths, 2U);
  EXPECT_EQ(limits.pids, 0U);
  record.updated = {"--volume=/:/host"};
  EXPECT_FALSE(change_limits(record, limits)) << "a damaged file changes nothing else";
}

TEST(usage, is_the_cgroups_where_that_counts) {
  Usage usage;
  usage.memory = 10;
  usage.memory_source = Usage::Source::Rss;
  usage.cpu_microseconds = 20;
  usage.processes = 2;
  cgroup::Usage group;
  take_from(group, usage);
  EXPECT_EQ(usage.memory, 10U);
  EXPECT_STREQ(source_name(usage.memory_source), "rss");
  EXPECT_EQ(usage.processes, 2U);
  EXPECT_FALSE(usage.block);
  group.cpu_microseconds = 30;
  group.memory = 4096;
  group.memory_limit = 8192;
  group.processes = 5;
  group.read_bytes = group.written_bytes = 7;
  take_from(group, usage);
  EXPECT_EQ(usage.memory, 4096U);
  EXPECT_STREQ(source_name(usage.memory_source), "cgroup");
  EXPECT_EQ(usage.memory_limit, 8192U);
  EXPECT_EQ(usage.cpu_microseconds, 30U);
  EXPECT_EQ(usage.processes, 5U);
  EXPECT_FALSE(usage.processes_limit);
  EXPECT_EQ(usage.block->read, 7U);
}

TEST(usage, is_a_share_of_one_processor) {
  Usage first;
  first.cpu_microseconds = 500'000;
  first.run_microseconds = 1'000'000;
  EXPECT_EQ(percent_text(cpu_percent(first, nullptr)), "50.00");
  Usage then = first;
  then.cpu_microseconds += 1'000'000;
  then.run_microseconds += 1'000'000;
  EXPECT_EQ(percent_text(cpu_percent(then, &first)), "100.00");
}

}  // namespace
}  // namespace wolffia::cli::user
