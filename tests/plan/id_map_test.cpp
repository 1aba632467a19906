// SPDX-License-Identifier: Apache-2.0
#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

using How = UserNamespacePlan::How;

// Who makes a user namespace.

TEST(id_map, an_ordinary_user_always_gets_a_user_namespace) {
  const Plan plan = planned(bundle(), ana());
  EXPECT_EQ(plan.user.how, How::New);
  EXPECT_TRUE(plan.creates(oci::NamespaceType::User));
}

TEST(id_map, a_privileged_caller_without_one_in_the_bundle_inherits) {
  EXPECT_EQ(planned(bundle(), real_root()).user.how, How::Inherit);
  EXPECT_EQ(planned(bundle(), podman_root()).user.how, How::Inherit);
}

TEST(id_map, a_path_is_joined) {
  oci::Spec spec = bundle();
  add_namespace(spec, oci::NamespaceType::User, "/proc/7/ns/user");
  const Plan plan = planned(spec, ana());
  EXPECT_EQ(plan.user.how, How::Join);
  EXPECT_EQ(plan.user.path, "/proc/7/ns/user");
  EXPECT_TRUE(plan.joins_any());
  EXPECT_TRUE(plan.notices.empty());
}

TEST(id_map, mappings_beside_a_path_say_what_there_is_inside) {
  oci::Spec spec = bundle();
  add_namespace(spec, oci::NamespaceType::User, "/proc/7/ns/user");
  spec.linux.uid_mappings = spec.linux.gid_mappings = {{0, 1000, 1}};
  spec.process->user.additional_gids = {5};
  const Plan plan = planned(spec, ana());
  EXPECT_EQ(plan.user.uid_map, spec.linux.uid_mappings);
  EXPECT_TRUE(plan.notices.empty());
  EXPECT_EQ(plan.process->additional_gids, (std::vector<uint32_t>{5}));  // it may deny setgroups
  spec.process->user.uid = 7;
  EXPECT_EQ(refused(spec), "EINVAL: process.user.uid 7 is not mapped in linux.uidMappings (0)");
}

TEST(id_map, ids_of_a_joined_namespace_are_the_kernels_to_check) {
  oci::Spec spec = bundle();
  add_namespace(spec, oci::NamespaceType::User, "/proc/7/ns/user");
  spec.process->user.uid = 4000000;
  spec.process->user.additional_gids = {5};
  const Plan plan = planned(spec, ana());
  EXPECT_EQ(plan.process->uid.value, 4000000U);
  EXPECT_FALSE(plan.process->keep_groups);
}

// The default maps of an ordinary user.

TEST(id_map, ranges_follow_the_caller_who_is_root_inside) {
  const Plan plan = planned(bundle(), ana_with_ranges());
  EXPECT_EQ(plan.user.uid_map, (Map{{0, 1000, 1}, {1, 100000, 65536}}));
  EXPECT_EQ(plan.user.gid_map, (Map{{0, 1001, 1}, {1, 100000, 65536}}));
  EXPECT_EQ(plan.user.writer, MapWriter::Helpers);
  EXPECT_FALSE(plan.user.deny_setgroups);
  EXPECT_TRUE(plan.notices.empty());
}

TEST(id_map, ranges_of_our_choice_may_fall_back_to_one_id) {
  const Plan plan = planned(bundle(), ana_with_ranges());
  EXPECT_TRUE(plan.user.may_fall_back);
  EXPECT_EQ(plan.user.one_uid, (oci::IdMap{0, 1000, 1}));
  EXPECT_EQ(plan.user.one_gid, (oci::IdMap{0, 1001, 1}));
}

TEST(id_map, several_ranges_are_put_one_behind_the_other) {
  Host host = ana_with_ranges();
  host.sub_uids = {{100000, 1000}, {300000, 500}};
  EXPECT_EQ(planned(bundle(), host).user.uid_map,
            (Map{{0, 1000, 1}, {1, 100000, 1000}, {1001, 300000, 500}}));
}

TEST(id_map, uid_ranges_without_gid_ranges_are_used_with_one_gid) {
  Host host = ana_with_ranges();
  host.sub_gids.clear();
  const Plan plan = planned(bundle(), host);
  EXPECT_EQ(plan.user.uid_map, (Map{{0, 1000, 1}, {1, 100000, 65536}}));
  EXPECT_EQ(plan.user.gid_map, (Map{{0, 1001, 1}}));
  EXPECT_EQ(plan.user.writer, MapWriter::Helpers);
  EXPECT_TRUE(plan.user.deny_setgroups);
  EXPECT_TRUE(plan.process->keep_groups);
  EXPECT_EQ(only_notice(plan),
            "no subordinate gids for \"ana\": only gid 0 exists inside; to get 65536, run: "
            "sudo usermod --add-subgids 100000-165535 ana");
}

TEST(id_map, without_ranges_the_process_writes_its_own_map_of_one_id) {
  const Plan plan = planned(bundle(), ana());
  EXPECT_EQ(plan.user.uid_map, (Map{{0, 1000, 1}}));
  EXPECT_EQ(plan.user.gid_map, (Map{{0, 1001, 1}}));
  EXPECT_EQ(plan.user.writer, MapWriter::Child);
  EXPECT_TRUE(plan.user.deny_setgroups);
  EXPECT_FALSE(plan.user.may_fall_back);
}

TEST(id_map, with_one_id_the_process_may_be_somebody_else_than_root) {
  oci::Spec spec = bundle();
  spec.process->user.uid = 33;
  spec.process->user.gid = 34;
  const Plan plan = planned(spec, ana());
  EXPECT_EQ(plan.user.uid_map, (Map{{33, 1000, 1}}));
  EXPECT_EQ(plan.user.gid_map, (Map{{34, 1001, 1}}));
}

TEST(id_map, a_bundle_without_process_maps_root) {
  oci::Spec spec = bundle();
  spec.process.reset();
  EXPECT_EQ(planned(spec, ana()).user.uid_map, (Map{{0, 1000, 1}}));
}

TEST(id_map, ranges_that_do_not_exist_in_an_outer_container_are_not_used) {
  Host host = ana_with_ranges();
  host.uid_map = host.gid_map = {{0, 100000, 65536}};
  const Plan plan = planned(bundle(), host);
  EXPECT_EQ(plan.user.writer, MapWriter::Child);
  EXPECT_EQ(only_notice(plan),
            "the subordinate ids of \"ana\" do not exist in this user "
            "namespace: only uid 0 and gid 0 exist inside");
}

TEST(id_map, one_missing_half_of_the_mappings_gets_its_default) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 1000, 1}}, {});
  const Plan plan = planned(spec, ana());
  EXPECT_EQ(plan.user.gid_map, (Map{{0, 1001, 1}}));
  EXPECT_EQ(plan.user.writer, MapWriter::Child);
}

// Mappings of the bundle, unprivileged.

TEST(id_map, the_callers_own_ids_need_no_helper_even_a_missing_one) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 1000, 1}}, {{0, 1001, 1}});
  Host host = ana();
  host.newuidmap = MapHelper::Missing;
  const Plan plan = planned(spec, host);
  EXPECT_EQ(plan.user.writer, MapWriter::Child);
  EXPECT_TRUE(plan.user.deny_setgroups);
  EXPECT_TRUE(plan.notices.empty());
}

TEST(id_map, another_single_id_needs_the_helpers) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 100000, 1}}, {{0, 100000, 1}});
  const Plan plan = planned(spec, ana());
  EXPECT_EQ(plan.user.writer, MapWriter::Helpers);
  EXPECT_FALSE(plan.user.deny_setgroups);
}

TEST(id_map, ranges_of_the_bundle_never_fall_back) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 1000, 1}, {1, 100000, 10}}, {{0, 1001, 1}, {1, 100000, 10}});
  const Plan plan = planned(spec, ana_with_ranges());
  EXPECT_EQ(plan.user.writer, MapWriter::Helpers);
  EXPECT_FALSE(plan.user.may_fall_back);
}

TEST(id_map, a_uid_that_the_bundle_does_not_map_is_refused) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 1000, 1}}, {{0, 1001, 1}});
  spec.process->user.uid = 1000;
  EXPECT_EQ(refused(spec), "EINVAL: process.user.uid 1000 is not mapped in linux.uidMappings (0)");
}

TEST(id_map, a_gid_that_the_bundle_does_not_map_is_refused) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 1000, 1}}, {{10, 1001, 1}, {20, 100000, 5}});
  EXPECT_EQ(refused(spec),
            "EINVAL: process.user.gid 0 is not mapped in linux.gidMappings (10, 20-24)");
}

TEST(id_map, a_uid_beyond_the_ranges_is_refused) {
  oci::Spec spec = bundle();
  spec.process->user.uid = 70000;
  EXPECT_EQ(refused(spec, ana_with_ranges()),
            "EINVAL: process.user.uid 70000 is not mapped to an id of yours (0, 1-65536)");
}

TEST(id_map, the_id_that_means_no_id_is_refused) {
  oci::Spec spec = bundle();
  spec.process->user.uid = kNoId;
  EXPECT_EQ(refused(spec, real_root()),
            "EINVAL: process.user.uid 4294967295 is not mapped in the caller's user namespace "
            "(0-4294967294)");
}

// The kernel takes no line whose ids lie in two lines of the namespace above.

TEST(id_map, lines_are_cut_where_the_callers_namespace_has_another) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 0, 1001}}, {{0, 1, 10}, {500, 0, 1}});
  const Plan plan = planned(spec, podman_root());
  EXPECT_EQ(plan.user.uid_map, (Map{{0, 0, 1}, {1, 1, 1000}}));
  EXPECT_EQ(plan.user.gid_map, (Map{{0, 1, 10}, {500, 0, 1}}));
}

TEST(id_map, cut_lines_count_against_the_kernels_limit) {
  oci::Spec spec = bundle();
  Host host = podman_root();
  host.uid_map.clear();
  for (uint32_t id = 0; id < 341; ++id)
    host.uid_map.push_back({id, 100000 + 2 * id, 1});
  map_ids(spec, {{0, 0, 341}}, {{0, 0, 1}});
  EXPECT_EQ(refused(spec, host),
            "EINVAL: linux.uidMappings spans so many lines of the caller's user namespace that "
            "the kernel would have to take 341, and it takes 340: map fewer ranges");
}

TEST(id_map, ranges_of_an_unprivileged_bundle_are_cut_too) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 0, 1001}}, {{0, 0, 1001}});
  Host host = podman_root();
  host.privileged = false;
  host.uid = host.gid = 0;
  EXPECT_EQ(planned(spec, host).user.uid_map, (Map{{0, 0, 1}, {1, 1, 1000}}));
}

// Privileged callers: real root, and root of an outer user namespace.

TEST(id_map, root_writes_the_maps_of_the_bundle_itself) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 100000, 65536}}, {{0, 200000, 65536}});
  const Plan plan = planned(spec, real_root());
  EXPECT_EQ(plan.user.writer, MapWriter::Parent);
  EXPECT_EQ(plan.user.uid_map, (Map{{0, 100000, 65536}}));
  EXPECT_FALSE(plan.user.deny_setgroups);
  EXPECT_FALSE(plan.user.may_fall_back);
}

TEST(id_map, keep_id_of_podman_maps_ids_of_the_outer_namespace) {
  oci::Spec spec = bundle();
  const Map keep_id{{0, 1, 1001}, {1001, 0, 1}, {1002, 1002, 64535}};
  map_ids(spec, keep_id, keep_id);
  spec.process->user.uid = 1001;
  const Plan plan = planned(spec, podman_root());
  EXPECT_EQ(plan.user.writer, MapWriter::Parent);
  EXPECT_EQ(plan.user.uid_map, keep_id);
}

TEST(id_map, ids_that_the_outer_namespace_lacks_are_refused) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 65000, 1000}}, {{0, 0, 1}});
  EXPECT_EQ(refused(spec, podman_root()),
            "EINVAL: linux.uidMappings[0] maps 65000 to 65999 of the caller's user namespace, "
            "which has only 0, 1-65536");
}

TEST(id_map, a_listed_namespace_without_mappings_keeps_every_id) {
  oci::Spec spec = bundle();
  map_ids(spec, {}, {});
  const Plan plan = planned(spec, podman_root());
  EXPECT_EQ(plan.user.uid_map, (Map{{0, 0, 1}, {1, 1, 65536}}));
  EXPECT_EQ(plan.user.writer, MapWriter::Parent);
}

TEST(id_map, mappings_without_a_user_namespace_are_refused) {
  oci::Spec spec = bundle();
  spec.linux.uid_mappings = {{0, 100000, 65536}};
  EXPECT_EQ(refused(spec, real_root()).find("EINVAL: linux.uidMappings and linux.gidMappings need"),
            0U);
}

TEST(id_map, an_unprivileged_caller_may_leave_the_namespace_out) {
  oci::Spec spec = bundle();
  spec.linux.uid_mappings = {{0, 1000, 1}};
  spec.linux.gid_mappings = {{0, 1001, 1}};
  EXPECT_EQ(planned(spec, ana()).user.writer, MapWriter::Child);
}

TEST(id_map, inside_podman_a_uid_beyond_its_map_is_refused) {
  oci::Spec spec = bundle();
  spec.process->user.uid = 65537;
  EXPECT_EQ(refused(spec, podman_root()),
            "EINVAL: process.user.uid 65537 is not mapped in the caller's user namespace "
            "(0, 1-65536)");
}

TEST(id_map, capabilities_that_an_inherited_namespace_lacks_are_left_out) {
  oci::Spec spec = bundle();
  spec.process->capabilities.emplace();
  spec.process->capabilities->bounding = {"CAP_KILL", "CAP_SYS_RESOURCE"};
  Host host = real_root();
  host.capabilities = uint64_t{1} << 5;
  const Plan plan = planned(spec, host);
  EXPECT_EQ(plan.process->capabilities.bounding, uint64_t{1} << 5);
  EXPECT_EQ(only_notice(plan),
            "process.capabilities: left out, as the caller lacks them: "
            "CAP_SYS_RESOURCE");
}

TEST(id_map, a_new_namespace_has_every_capability) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 1000, 1}}, {{0, 1001, 1}});
  spec.process->capabilities.emplace();
  spec.process->capabilities->bounding = {"CAP_SYS_RESOURCE"};
  EXPECT_EQ(planned(spec, ana()).process->capabilities.bounding, uint64_t{1} << 24);
}

// Supplementary groups.

TEST(id_map, groups_are_set_where_ranges_are_mapped) {
  oci::Spec spec = bundle();
  spec.process->user.additional_gids = {10, 20};
  const Plan plan = planned(spec, ana_with_ranges());
  EXPECT_FALSE(plan.process->keep_groups);
  EXPECT_EQ(plan.process->additional_gids, (std::vector<uint32_t>{10, 20}));
}

TEST(id_map, an_unmapped_group_is_refused) {
  oci::Spec spec = bundle();
  spec.process->user.additional_gids = {10, 70000};
  EXPECT_EQ(refused(spec, ana_with_ranges()),
            "EINVAL: process.user.additionalGids[1] 70000 is not mapped to an id of yours "
            "(0, 1-65536)");
}

TEST(id_map, with_one_gid_further_groups_are_left_out_with_a_notice) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 1000, 1}}, {{0, 1001, 1}});
  spec.process->user.additional_gids = {0, 10, 20};
  const Plan plan = planned(spec, ana());
  EXPECT_TRUE(plan.process->keep_groups);
  EXPECT_TRUE(plan.process->additional_gids.empty());
  EXPECT_EQ(only_notice(plan),
            "process.user.additionalGids: left out, setgroups is denied without "
            "subordinate gids: 10, 20");
}

TEST(id_map, the_own_group_again_is_no_loss) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 1000, 1}}, {{0, 1001, 1}});
  spec.process->user.additional_gids = {0};
  EXPECT_TRUE(planned(spec, ana()).notices.empty());
}

TEST(id_map, an_annotation_keeps_the_callers_groups) {
  oci::Spec spec = bundle();
  spec.process->user.additional_gids = {10};
  spec.annotations = {{"run.oci.keep_original_groups", "1"}};
  const Plan plan = planned(spec, ana_with_ranges());
  EXPECT_TRUE(plan.process->keep_groups);
  EXPECT_TRUE(plan.notices.empty());
}

TEST(id_map, where_the_outer_namespace_denies_setgroups_groups_are_kept) {
  Host host = podman_root();
  host.setgroups_denied = true;
  EXPECT_TRUE(planned(bundle(), host).process->keep_groups);
  oci::Spec nested = bundle();
  map_ids(nested, {{0, 0, 1}}, {{0, 0, 1}});
  EXPECT_TRUE(planned(nested, host).user.deny_setgroups);
}

// Falling back when the helpers fail.

TEST(id_map, falling_back_leaves_a_plan_for_one_id) {
  oci::Spec spec = bundle();
  spec.process->user.uid = 5;
  spec.process->user.additional_gids = {10};
  spec.mounts = {{"/dev/pts", "devpts", "devpts", {"mode=0620", "gid=5"}, {}, {}}};
  Plan plan = planned(spec, ana_with_ranges());
  ASSERT_EQ(plan.mounts[0].data, (std::vector<std::string>{"mode=0620", "gid=5"}));
  fall_back_to_one_id(plan);
  EXPECT_EQ(plan.user.uid_map, (Map{{5, 1000, 1}}));
  EXPECT_EQ(plan.user.gid_map, (Map{{0, 1001, 1}}));
  EXPECT_EQ(plan.user.writer, MapWriter::Child);
  EXPECT_TRUE(plan.user.deny_setgroups);
  EXPECT_TRUE(plan.process->keep_groups);
  EXPECT_EQ(plan.mounts[0].data, (std::vector<std::string>{"mode=0620"}));
  EXPECT_EQ(only_notice(plan),
            "process.user.additionalGids: left out, setgroups is denied without "
            "subordinate gids: 10");
}

}  // namespace
}  // namespace wolffia::plan::test
