// SPDX-License-Identifier: Apache-2.0
#include "plan/limits.hpp"

#include <gtest/gtest.h>

#include "oci/parse_runtime.hpp"

namespace wolffia::plan {
namespace {

using Lines = std::vector<std::string>;

/// "FILE VALUE" of each write, or the error.
Lines writes(const char* resources, const CurrentLimits* current = nullptr) {
  const auto parsed = oci::parse_resources(std::string(resources));
  if (!parsed) return {parsed.error().message()};
  std::vector<std::string> notices;
  const auto limits = plan_limits(*parsed, current, notices);
  if (!limits) return {limits.error().message()};
  Lines lines;
  for (const CgroupWrite& write : *limits)
    lines.push_back(write.file + " " + write.value);
  lines.insert(lines.end(), notices.begin(), notices.end());
  return lines;
}

TEST(limits, nothing_asked_is_nothing_written) {
  EXPECT_EQ(writes("{}"), Lines{});
  EXPECT_EQ(writes(R"({"memory": {"limit": 0, "swap": -1}, "pids": {"limit": -1},
                       "cpu": {"shares": 0, "quota": -1, "period": 100000}})"),
            (Lines{}));
}

TEST(limits, default_shares_are_no_limit_of_a_new_cgroup) {
  EXPECT_EQ(writes(R"({"cpu": {"shares": 1024}})"), Lines{});
  const CurrentLimits current;
  EXPECT_EQ(writes(R"({"cpu": {"shares": 1024}})", &current), Lines{"cpu.weight 100"});
}

TEST(limits, an_update_lifts_limits) {
  const CurrentLimits current;
  EXPECT_EQ(writes(R"({"memory": {"limit": -1, "swap": -1}, "pids": {"limit": -1},
                       "cpu": {"quota": -1}})",
                   &current),
            (Lines{"memory.max max", "memory.swap.max max", "cpu.max max 100000", "pids.max max"}));
}

TEST(limits, memory_that_is_lifted_takes_swap_along) {
  const CurrentLimits counting{.memory_max = "1200", .counts_swap = true};
  EXPECT_EQ(writes(R"({"memory": {"limit": -1}})", &counting),
            (Lines{"memory.max max", "memory.swap.max max"}));
  EXPECT_EQ(writes(R"({"memory": {"limit": 2000}})", &counting), Lines{"memory.max 2000"});
  const CurrentLimits without{.memory_max = "1200"};
  EXPECT_EQ(writes(R"({"memory": {"limit": -1}})", &without), Lines{"memory.max max"});
}

TEST(limits, memory_is_written_as_the_second_version_counts_it) {
  EXPECT_EQ(writes(R"({"memory": {"limit": 1000, "swap": 1500, "reservation": 500}})"),
            (Lines{"memory.max 1000", "memory.swap.max 500", "memory.low 500"}));
  EXPECT_EQ(writes(R"({"memory": {"swap": 1500}})"),
            Lines{"linux.resources.memory.swap limits memory and swap together: give "
                  "memory.limit too"});
  EXPECT_EQ(writes(R"({"memory": {"limit": 2000, "swap": 1500}})"),
            Lines{"linux.resources.memory.swap must be at least memory.limit, 2000, as it "
                  "includes it"});
  const CurrentLimits current{.cpu_quota = "max", .cpu_period = "100000", .memory_max = "1200"};
  EXPECT_EQ(writes(R"({"memory": {"swap": 1500}})", &current), Lines{"memory.swap.max 300"});
}

TEST(limits, a_period_alone_keeps_the_quota) {
  const CurrentLimits current{.cpu_quota = "7000", .cpu_period = "10000", .memory_max = "max"};
  EXPECT_EQ(writes(R"({"cpu": {"period": 20000}})", &current), Lines{"cpu.max 7000 20000"});
  EXPECT_EQ(writes(R"({"cpu": {"quota": 5000}})", &current), Lines{"cpu.max 5000 10000"});
  EXPECT_EQ(writes(R"({"cpu": {"quota": 5000, "period": 20000, "burst": 100}})"),
            (Lines{"cpu.max 5000 20000", "cpu.max.burst 100"}));
}

TEST(limits, a_period_is_that_of_a_new_cgroup_too) {
  EXPECT_EQ(writes(R"({"cpu": {"period": 1000000}})"), Lines{"cpu.max max 1000000"});
  EXPECT_EQ(writes(R"({"cpu": {"quota": -1, "period": 50000}})"), Lines{"cpu.max max 50000"});
  EXPECT_EQ(writes(R"({"cpu": {"quota": 0, "period": 100000}})"), Lines{});
}

TEST(limits, an_idle_cgroup_gets_its_weight_before) {
  EXPECT_EQ(writes(R"({"cpu": {"shares": 512, "idle": 1, "cpus": "0-1", "mems": "0"}})"),
            (Lines{"cpu.weight 59", "cpu.idle 1", "cpuset.cpus 0-1", "cpuset.mems 0"}));
  const CurrentLimits current;
  EXPECT_EQ(writes(R"({"cpu": {"shares": 2, "idle": 0}})", &current),
            (Lines{"cpu.idle 0", "cpu.weight 1"}));
}

TEST(limits, shares_become_weights_with_the_same_default) {
  EXPECT_EQ(weight_of_shares(0), 1U);
  EXPECT_EQ(weight_of_shares(2), 1U);
  EXPECT_EQ(weight_of_shares(1024), 100U);
  EXPECT_EQ(weight_of_shares(262144), 10000U);
  EXPECT_EQ(weight_of_shares(UINT64_MAX), 10000U);
}

TEST(limits, block_devices_have_lines_of_their_own) {
  EXPECT_EQ(writes(R"({"blockIO": {"weight": 500,
                       "weightDevice": [{"major": 8, "minor": 1, "weight": 10}],
                       "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 600}],
                       "throttleWriteIOPSDevice": [{"major": 8, "minor": 0, "rate": 7}]}})"),
            (Lines{"io.bfq.weight 500", "io.bfq.weight 8:1 10", "io.max 8:0 rbps=600",
                   "io.max 8:0 wiops=7"}));
}

TEST(limits, the_rest_by_the_names_of_the_kernel) {
  EXPECT_EQ(writes(R"({"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}],
                       "pids": {"limit": 0}, "rdma": {"mlx5_1": {"hcaHandles": 3}},
                       "unified": {"memory.high": "1G"}})"),
            (Lines{"hugetlb.2MB.rsvd.max 4194304", "pids.max 0", "rdma.max mlx5_1 hca_handle=3",
                   "memory.high 1G"}));
}

TEST(limits, names_that_lead_elsewhere_are_refused) {
  EXPECT_EQ(writes(R"({"unified": {"../cgroup.procs": "1"}})").front(),
            "linux.resources.unified must name files of a cgroup as \"memory.high\"");
  EXPECT_EQ(writes(R"({"hugepageLimits": [{"pageSize": "2MB/..", "limit": 1}]})").front(),
            "linux.resources.hugepageLimits[0].pageSize must be a size as \"2MB\"");
}

TEST(limits, what_only_the_first_version_has_is_told) {
  EXPECT_EQ(writes(R"({"memory": {"swappiness": 10, "kernel": 1}})"),
            (Lines{"linux.resources.memory.kernel is not applied: only the first version of "
                   "cgroups has it",
                   "linux.resources.memory.swappiness is not applied: only the first version of "
                   "cgroups has it"}));
}

}  // namespace
}  // namespace wolffia::plan
