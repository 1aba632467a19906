// SPDX-License-Identifier: Apache-2.0
#include "plan/scope.hpp"

#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

using Lines = std::vector<std::string>;

Options by_systemd() {
  Options how = options();
  how.cgroups = CgroupManager::Systemd;
  return how;
}

ScopePlan scope_of(const oci::Spec& spec, const Host& host = ana()) {
  const Plan plan = planned(spec, host, by_systemd());
  return plan.cgroup && plan.cgroup->scope ? *plan.cgroup->scope : ScopePlan();
}

bool has(const ScopePlan& scope, std::string_view property) {
  return std::find(scope.properties.begin(), scope.properties.end(), property) !=
         scope.properties.end();
}

oci::Spec at(const std::string& path) {
  oci::Spec spec = bundle();
  spec.linux.cgroups_path = path;
  return spec;
}

TEST(scope, is_named_by_prefix_and_name) {
  const ScopePlan scope = scope_of(at("user.slice:libpod:abc"));
  EXPECT_EQ(scope.name, "libpod-abc.scope");
  EXPECT_EQ(scope.subgroup, "container");
  EXPECT_FALSE(scope.system);
  EXPECT_TRUE(has(scope, "Slice='user.slice'"));
  EXPECT_TRUE(has(scope, "Delegate=true"));
  EXPECT_EQ(scope_of(at("::abc")).name, "abc.scope");
  EXPECT_EQ(scope_of(at("")).name, "wolffia-" + options().id + ".scope");
}

TEST(scope, of_root_belongs_to_the_machine) {
  Host root = ana();
  root.uid = root.gid = 0;
  root.privileged = true;
  const ScopePlan scope = scope_of(at(""), root);
  EXPECT_TRUE(scope.system);
  EXPECT_TRUE(has(scope, "Slice='system.slice'"));
  root.uid_map = {{0, 1000, 1}};  // of a user namespace only
  EXPECT_FALSE(scope_of(at(""), root).system);
}

TEST(scope, limits_are_properties) {
  const std::vector<CgroupWrite> limits{{"memory.limit", "memory.max", "4096"},
                                        {"memory.swap", "memory.swap.max", "max"},
                                        {"pids.limit", "pids.max", "9"},
                                        {"cpu.shares", "cpu.weight", "100"},
                                        {"cpu.quota", "cpu.max", "50000 100000"},
                                        {"cpu.cpus", "cpuset.cpus", "0-1,9"},
                                        {"blockIO.weight", "io.bfq.weight", "10", "io.weight", "1"},
                                        {"unified.memory.oom.group", "memory.oom.group", "1"}};
  EXPECT_EQ(limit_properties(limits),
            (Lines{"MemoryMax=uint64 4096", "MemorySwapMax=uint64 18446744073709551615",
                   "TasksMax=uint64 9", "CPUWeight=uint64 100", "CPUQuotaPerSecUSec=uint64 500000",
                   "CPUQuotaPeriodUSec=uint64 100000", "AllowedCPUs=[byte 3, 2, 0, 0, 0, 0, 0, 0]",
                   "IOWeight=uint64 1"}));
}

TEST(scope, a_quota_that_is_lifted_is_no_number) {
  EXPECT_EQ(limit_properties(std::vector<CgroupWrite>{{"cpu.quota", "cpu.max", "max 100000"}}),
            (Lines{"CPUQuotaPerSecUSec=uint64 18446744073709551615",
                   "CPUQuotaPeriodUSec=uint64 100000"}));
}

TEST(scope, a_period_without_a_quota_is_a_property) {
  EXPECT_EQ(limit_properties(std::vector<CgroupWrite>{{"cpu.period", "cpu.max", "max 1000000"}}),
            (Lines{"CPUQuotaPerSecUSec=uint64 18446744073709551615",
                   "CPUQuotaPeriodUSec=uint64 1000000"}));
}

TEST(scope, a_quota_goes_up_to_whole_percents) {
  EXPECT_EQ(limit_properties(std::vector<CgroupWrite>{{"cpu.quota", "cpu.max", "500000 900000"}}),
            (Lines{"CPUQuotaPerSecUSec=uint64 560000", "CPUQuotaPeriodUSec=uint64 900000"}));
}

TEST(scope, annotations_are_properties) {
  oci::Spec spec = at("");
  spec.annotations = {{"org.systemd.property.TimeoutStopSec", "uint32 2"},
                      {"org.systemd.property.CollectMode", "'inactive'"},
                      {"run.oci.systemd.subgroup", ""}};
  const ScopePlan scope = scope_of(spec);
  EXPECT_TRUE(has(scope, "TimeoutStopUSec=uint64 2000000"));
  EXPECT_EQ(scope.properties.back(), "CollectMode='inactive'") << "what is said last counts";
  EXPECT_EQ(scope.subgroup, "");
}

TEST(scope, quotes_do_not_end_a_value) {
  Options how = by_systemd();
  how.id = "it's";
  const Plan plan = planned(at(""), ana(), how);
  EXPECT_TRUE(has(*plan.cgroup->scope, R"(Description='wolffia container it\'s')"));
}

}  // namespace
}  // namespace wolffia::plan::test
