// SPDX-License-Identifier: Apache-2.0
#include <linux/capability.h>

#include <algorithm>

#include "plan/device_program.hpp"
#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

oci::Spec limited() {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 1000, 1}}, {{0, 1001, 1}});
  spec.linux.resources.asked = {"memory.limit", "pids.limit"};
  spec.linux.resources.memory.limit = 4096;
  spec.linux.resources.pids = 9;
  return spec;
}

TEST(resources, limits_are_planned_with_what_they_are_for) {
  const Plan plan = planned(limited(), ana());
  ASSERT_TRUE(plan.cgroup);
  EXPECT_EQ(plan.cgroup->path, "");
  EXPECT_FALSE(plan.cgroup->optional);
  ASSERT_EQ(plan.cgroup->limits.size(), 2U);
  EXPECT_EQ(plan.cgroup->limits[1].field, "pids.limit");
}

TEST(resources, without_cgroups_limits_are_one_notice) {
  Options how = options();
  how.cgroups = CgroupManager::Disabled;
  const Plan plan = planned(limited(), ana(), how);
  EXPECT_FALSE(plan.cgroup);
  EXPECT_EQ(plan.notices,
            (std::vector<std::string>{
                "limits not applied, cgroups are disabled: memory.limit, pids.limit"}));
}

TEST(resources, an_annotation_makes_limits_optional) {
  oci::Spec spec = limited();
  spec.annotations = {{"org.wolffia.resources.optional", "true"}};
  EXPECT_TRUE(planned(spec, ana()).cgroup->optional);
  spec.annotations = {{"org.wolffia.resources.optional", "false"}};
  EXPECT_FALSE(planned(spec, ana()).cgroup->optional);
}

TEST(resources, a_cgroup_is_planned_only_where_something_asks_for_it) {
  EXPECT_FALSE(planned(bundle(), ana()).cgroup);
  oci::Spec spec = bundle();
  spec.linux.cgroups_path = "/user.slice/a";
  const Plan plan = planned(spec, ana());
  ASSERT_TRUE(plan.cgroup);
  EXPECT_EQ(plan.cgroup->path, "/user.slice/a");
  EXPECT_TRUE(plan.cgroup->limits.empty());
}

TEST(resources, a_cgroup_that_can_be_written_to_belongs_to_the_programs_user) {
  oci::Spec spec = limited();
  map_ids(spec, {{0, 0, 1}, {33, 40, 1}}, {{0, 0, 1}});
  spec.process->user.uid = 33;
  spec.linux.namespaces.push_back({oci::NamespaceType::Cgroup, ""});
  EXPECT_FALSE(planned(spec, podman_root()).cgroup->owner);
  spec.mounts = {{.destination = "/sys/fs/cgroup",
                  .type = "cgroup",
                  .source = "cgroup",
                  .options = {"ro"},
                  .uid_mappings = {},
                  .gid_mappings = {}}};
  EXPECT_FALSE(planned(spec, podman_root()).cgroup->owner);
  spec.mounts[0].options = {"rw"};
  EXPECT_EQ(planned(spec, podman_root()).cgroup->owner, 40U);
  spec.linux.namespaces.pop_back();
  EXPECT_FALSE(planned(spec, podman_root()).cgroup->owner);
}

TEST(resources, the_delegated_cgroup_is_one_name) {
  oci::Spec spec = bundle();
  spec.annotations = {{"run.oci.delegate-cgroup", "inner"}};
  EXPECT_EQ(planned(spec, ana()).cgroup->delegated, "inner");
  spec.annotations[0].second = "../inner";
  EXPECT_EQ(refused(spec),
            "EINVAL: annotation run.oci.delegate-cgroup must be one name without \"/\", not "
            "\"../inner\"");
}

TEST(resources, what_takes_the_machines_root_is_refused_with_that_reason) {
  oci::Spec spec = bundle();
  spec.linux.unsupported = {"linux.intelRdt"};
  EXPECT_EQ(refused(spec),
            "EOPNOTSUPP: linux.intelRdt can't be carried out: groups of resctrl are the machine's "
            "root's to make: start the container from a process that is in the group, which it "
            "inherits, and leave the section out");
}

oci::Spec with_device_rules() {
  oci::Spec spec = bundle();
  spec.linux.resources.devices = {oci::DeviceRule{}};
  spec.process->capabilities.emplace();
  spec.process->capabilities->bounding = spec.process->capabilities->permitted = {"CAP_MKNOD"};
  return spec;
}

TEST(resources, device_rules_of_the_machines_root_are_kept_with_the_defaults_behind) {
  const Plan plan = planned(with_device_rules(), real_root());
  ASSERT_TRUE(plan.cgroup);
  EXPECT_EQ(plan.cgroup->devices.size(), 1 + default_device_rules().size());
  EXPECT_EQ(plan.cgroup->devices.front(), oci::DeviceRule{});
  EXPECT_FALSE(plan.leaves_device_rules_out);
  EXPECT_NE(print(plan).find("devices by 11 rules"), std::string::npos);
  EXPECT_FALSE(planned(bundle(), real_root()).cgroup);
}

TEST(resources, device_rules_are_told_where_without_them_any_device_could_be_had) {
  oci::Spec spec = with_device_rules();
  EXPECT_TRUE(planned(spec, ana()).leaves_device_rules_out);
  EXPECT_NE(print(planned(spec, ana())).find("device rules are left out"), std::string::npos);
  const auto told = [&](const Host& host) {
    const Plan plan = planned(spec, host);
    return std::ranges::any_of(plan.notices, [](const std::string& notice) {
      return notice.starts_with(
          "linux.resources.devices is not applied, and as the machine's root");
    });
  };
  EXPECT_FALSE(told(ana()));
  EXPECT_FALSE(told(podman_root()));
  EXPECT_FALSE(told(real_root()));
  Host bounded = real_root();  // as of an engine that keeps the rights over the kernel
  bounded.capabilities = uint64_t{1} << CAP_MKNOD;
  EXPECT_TRUE(told(bounded));
  map_ids(spec, {{0, 100000, 10}}, {{0, 100000, 10}});
  EXPECT_FALSE(told(bounded));
}

TEST(resources, an_annotation_of_ours_takes_its_words_only) {
  oci::Spec spec = bundle();
  spec.annotations = {{"org.wolffia.mountpoints", "cover"}};
  EXPECT_EQ(refused(spec), "");
  spec.annotations = {{"org.wolffia.mountpoints", "hide"}};
  EXPECT_EQ(refused(spec), "EINVAL: annotations org.wolffia.mountpoints must be \"cover\"");
}

TEST(resources, a_seccomp_section_has_to_let_the_program_start) {
  oci::Spec spec = bundle();
  spec.linux.seccomp.emplace();
  spec.linux.seccomp->default_action = "SCMP_ACT_ERRNO";
  constexpr const char* kRefusal =
      "EINVAL: linux.seccomp.syscalls must allow execve, or no program can be started";
  EXPECT_EQ(refused(spec), kRefusal);
  spec.linux.seccomp->syscalls.push_back(
      {.names = {"execve"}, .action = "SCMP_ACT_KILL", .errno_ret = {}, .args = {}});
  EXPECT_EQ(refused(spec), kRefusal);
  spec.linux.seccomp->syscalls[0].action = "SCMP_ACT_ALLOW";
  EXPECT_EQ(refused(spec), "");
}

TEST(resources, a_seccomp_section_that_no_filter_can_be_made_of_is_refused) {
  oci::Spec spec = bundle();
  spec.linux.seccomp.emplace();
  spec.linux.seccomp->default_action = "SCMP_ACT_ALLOW";
  spec.linux.seccomp->syscalls = {{{"mkdir"}, "SCMP_ACT_NOTIFY", {}, {}}};
  EXPECT_EQ(refused(spec),
            "EINVAL: linux.seccomp.listenerPath must name the socket of whoever answers "
            "SCMP_ACT_NOTIFY");
}

}  // namespace
}  // namespace wolffia::plan::test
