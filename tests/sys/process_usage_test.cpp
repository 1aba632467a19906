// SPDX-License-Identifier: Apache-2.0
#include "sys/process_usage.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace wolffia::sys {
namespace {

TEST(process_usage, reads_stat_behind_any_name) {
  const auto usage = parse_usage(
      "7 (a) (b) c) S 1 7 7 34816 7 4194560 46 0 0 0 11 22 33 44 20 0 1 0 324544 172032 3 0 0\n");
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->terminal, 34816U);
  EXPECT_EQ(usage->own_ticks, 33U);
  EXPECT_EQ(usage->reaped_ticks, 77U);
  EXPECT_EQ(usage->start_time, 324544U);
  EXPECT_EQ(usage->resident, 3U * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)));
  EXPECT_FALSE(parse_usage("7 (a) S 1 2 3"));
  EXPECT_FALSE(parse_usage(""));
}

TEST(process_usage, takes_the_innermost_pid_and_the_effective_uid) {
  const auto who = parse_identity("Name:\tsh\nPPid:\t41\nUid:\t1\t2\t3\t4\nNSpid:\t900\t12\t3\n");
  ASSERT_TRUE(who);
  EXPECT_EQ(who->name, "sh");
  EXPECT_EQ(who->parent, 41);
  EXPECT_EQ(who->uid, 2U);
  EXPECT_EQ(who->inner_pid, 3);
  EXPECT_FALSE(parse_identity("Name:\tsh\n"));
}

TEST(process_usage, adds_up_all_interfaces_but_the_loopback) {
  const NetUsage usage = parse_net_usage(
      "Inter-|   Receive  |  Transmit\n face |bytes packets|bytes\n"
      "    lo:  999 1 0 0 0 0 0 0  999 1 0 0 0 0 0 0\n"
      "  eth0:  100 1 0 0 0 0 0 0   20 1 0 0 0 0 0 0\n"
      "  tap0:5 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0\n");
  EXPECT_EQ(usage.received, 105U);
  EXPECT_EQ(usage.sent, 27U);
}

TEST(process_usage, finds_our_own) {
  const auto usage = read_usage(::getpid());
  ASSERT_TRUE(usage);
  EXPECT_GT(usage->resident, 0U);
  EXPECT_LE(usage->start_time, *ticks_since_boot());
  EXPECT_EQ(read_identity(::getpid())->parent, ::getppid());
  EXPECT_TRUE(*share_network(::getpid(), ::getpid()));
  EXPECT_FALSE(read_command(::getpid())->empty());
  EXPECT_GT(*read_proportional(::getpid()), 0U);
}

}  // namespace
}  // namespace wolffia::sys
