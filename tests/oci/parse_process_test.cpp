// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "oci/spec_support.hpp"

namespace wolffia::oci {
namespace {

using Strings = std::vector<std::string>;

Process every_field() {
  return *parsed(read_data("valid/every-field.json")).process;
}

TEST(process, program_is_read) {
  const Process process = every_field();
  EXPECT_EQ(process.args, (Strings{"/bin/sh", "-c", "echo \xc3\xbc\n"}));
  EXPECT_EQ(process.cwd, "/work");
  EXPECT_TRUE(process.terminal);
  ASSERT_TRUE(process.console_size);
  EXPECT_EQ(process.console_size->height, 25);
  EXPECT_EQ(process.console_size->width, 80);
}

TEST(process, user_is_read) {
  const User user = every_field().user;
  EXPECT_EQ(user.uid, 1000U);
  EXPECT_EQ(user.gid, 100U);
  EXPECT_EQ(user.umask, 077U);
  EXPECT_EQ(user.additional_gids, (std::vector<uint32_t>{5, 10}));
}

TEST(process, user_defaults_to_root_without_a_umask) {
  const User user = process_with(R"("terminal": false)").user;
  EXPECT_EQ(user.uid, 0U);
  EXPECT_EQ(user.gid, 0U);
  EXPECT_FALSE(user.umask);
}

TEST(process, takes_the_largest_id) {
  EXPECT_EQ(process_with(R"("user": {"uid": 4294967294})").user.uid, 4294967294U);
}

TEST(process, environment_keeps_newlines_and_later_equals_signs) {
  const Process process = process_with(R"("env": ["A=b=c", "B=x\ny", "C="])");
  EXPECT_EQ(process.env, (Strings{"A=b=c", "B=x\ny", "C="}));
}

TEST(process, environment_leaves_out_what_sets_no_variable) {
  EXPECT_EQ(process_with(R"("env": ["A", "", "B=1"])").env, Strings{"B=1"});
}

TEST(process, environment_keeps_duplicates_in_order) {
  EXPECT_EQ(process_with(R"("env": ["A=1", "B=2", "A=3"])").env, (Strings{"A=1", "B=2", "A=3"}));
}

TEST(process, capabilities_are_kept_as_written) {
  const Process process = every_field();
  ASSERT_TRUE(process.capabilities);
  const Capabilities& sets = *process.capabilities;
  EXPECT_EQ(sets.bounding, (Strings{"CAP_CHOWN", "CAP_KILL"}));
  EXPECT_EQ(sets.effective, Strings{"CAP_CHOWN"});
  EXPECT_TRUE(sets.inheritable.empty());
  EXPECT_EQ(sets.permitted, (Strings{"CAP_CHOWN", "CAP_OF_THE_FUTURE"}));
  EXPECT_EQ(sets.ambient, Strings{"CAP_KILL"});
}

TEST(process, absent_capabilities_differ_from_empty_ones) {
  EXPECT_FALSE(process_with(R"("env": [])").capabilities);
  EXPECT_TRUE(process_with(R"("capabilities": {})").capabilities);
}

TEST(process, rlimits_reach_the_largest_number) {
  const Process process = every_field();
  ASSERT_EQ(process.rlimits.size(), 2U);
  EXPECT_EQ(process.rlimits[0].resource, RLIMIT_NOFILE);
  EXPECT_EQ(process.rlimits[0].soft, 512U);
  EXPECT_EQ(process.rlimits[0].hard, 1024U);
  EXPECT_EQ(process.rlimits[1].resource, RLIMIT_CORE);
  EXPECT_EQ(process.rlimits[1].hard, RLIM_INFINITY);
}

TEST(process, every_resource_limit_of_the_kernel_has_a_name) {
  const Process process = process_with(
      R"("rlimits": [{"type": "RLIMIT_AS", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_CORE", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_CPU", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_DATA", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_FSIZE", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_LOCKS", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_MEMLOCK", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_MSGQUEUE", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_NICE", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_NOFILE", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_NPROC", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_RSS", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_RTPRIO", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_RTTIME", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_SIGPENDING", "soft": 1, "hard": 1},
                     {"type": "RLIMIT_STACK", "soft": 1, "hard": 1}])");
  EXPECT_EQ(process.rlimits.size(), size_t{RLIM_NLIMITS});
}

TEST(process, privileges_are_read) {
  const Process process = every_field();
  EXPECT_TRUE(process.no_new_privileges);
  EXPECT_EQ(process.apparmor_profile, "profile");
  EXPECT_EQ(process.selinux_label, "system_u:system_r:svirt_t:s0");
}

TEST(process, oom_score_is_kept_apart_from_unset) {
  EXPECT_EQ(every_field().oom_score_adj, -500);
  EXPECT_EQ(process_with(R"("oomScoreAdj": 0)").oom_score_adj, 0);
  EXPECT_FALSE(process_with(R"("env": [])").oom_score_adj);
}

TEST(process, scheduler_is_read) {
  const Process process = every_field();
  ASSERT_TRUE(process.scheduler);
  EXPECT_EQ(process.scheduler->policy, 6U);
  EXPECT_EQ(process.scheduler->nice, -5);
  EXPECT_EQ(process.scheduler->priority, 3);
  EXPECT_EQ(process.scheduler->flags, 2U);
  EXPECT_EQ(process.scheduler->runtime, 10'000'000U);
  EXPECT_EQ(process.scheduler->deadline, 20'000'000U);
  EXPECT_EQ(process.scheduler->period, 30'000'000U);
}

TEST(process, io_priority_is_the_kernels_class) {
  const Process process = every_field();
  ASSERT_TRUE(process.io_priority);
  EXPECT_EQ(process.io_priority->io_class, 2);  // IOPRIO_CLASS_BE
  EXPECT_EQ(process.io_priority->priority, 4);
}

TEST(process, cpu_affinity_is_two_sets) {
  EXPECT_EQ(every_field().exec_cpus_initial, (NumberSet{0x8f}));
  EXPECT_EQ(every_field().exec_cpus_final, (NumberSet{2}));
  EXPECT_TRUE(process_with(R"("env": [])").exec_cpus_final.empty());
}

}  // namespace
}  // namespace wolffia::oci
