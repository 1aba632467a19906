// SPDX-License-Identifier: Apache-2.0
#include "plan/mount_options.hpp"
#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

oci::Mount mount(std::string target, std::string type, std::string source,
                 std::vector<std::string> options = {}) {
  return {std::move(target), std::move(type), std::move(source), std::move(options), {}, {}};
}

oci::Spec with(oci::Mount one) {
  oci::Spec spec = bundle();
  spec.mounts = {std::move(one)};
  return spec;
}

MountStep step_of(oci::Mount one) {
  const Plan plan = planned(with(std::move(one)), ana());
  return plan.mounts.empty() ? MountStep{} : plan.mounts[0];
}

struct KindCase {
  const char* type;
  MountKind kind;
};

class MountType : public testing::TestWithParam<KindCase> {};

TEST_P(MountType, has_its_kind) {
  const MountStep step = step_of(mount("/x", GetParam().type, "source"));
  EXPECT_EQ(step.kind, GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    mounts, MountType,
    testing::Values(KindCase{"proc", MountKind::Proc}, KindCase{"sysfs", MountKind::Sysfs},
                    KindCase{"cgroup", MountKind::Cgroup}, KindCase{"cgroup2", MountKind::Cgroup},
                    KindCase{"bind", MountKind::Bind}, KindCase{"tmpfs", MountKind::Filesystem},
                    KindCase{"mqueue", MountKind::Filesystem},
                    KindCase{"overlay", MountKind::Filesystem},
                    KindCase{"no-such-type", MountKind::Filesystem}));

TEST(mounts, the_listed_order_is_kept) {
  oci::Spec spec = bundle();
  spec.mounts = {mount("/b", "tmpfs", ""), mount("/a", "tmpfs", ""), mount("/b/c", "tmpfs", "")};
  const Plan plan = planned(spec, ana());
  ASSERT_EQ(plan.mounts.size(), 3U);
  EXPECT_EQ(plan.mounts[0].target, "/b");
  EXPECT_EQ(plan.mounts[2].target, "/b/c");
  EXPECT_EQ(plan.mounts[2].index, 2U);
}

TEST(mounts, bind_by_option_beats_the_type) {
  EXPECT_EQ(step_of(mount("/sys", "none", "/sys", {"rbind", "ro"})).kind, MountKind::Bind);
  EXPECT_EQ(step_of(mount("/sys", "sysfs", "/sys", {"bind"})).kind, MountKind::Bind);
  EXPECT_EQ(step_of(mount("/sys", "", "/sys", {"bind"})).kind, MountKind::Bind);
}

TEST(mounts, only_rbind_takes_the_tree) {
  EXPECT_TRUE(step_of(mount("/x", "bind", "/x", {"rbind"})).recursive);
  EXPECT_FALSE(step_of(mount("/x", "bind", "/x", {"bind"})).recursive);
  EXPECT_FALSE(step_of(mount("/x", "bind", "/x")).recursive);
}

TEST(mounts, a_relative_bind_source_starts_at_the_bundle) {
  EXPECT_EQ(step_of(mount("/x", "bind", "data/x")).source, "/bundle/data/x");
  EXPECT_EQ(step_of(mount("/x", "bind", "/data/x")).source, "/data/x");
}

TEST(mounts, a_source_of_another_file_system_is_only_a_name) {
  EXPECT_EQ(step_of(mount("/x", "tmpfs", "shm")).source, "shm");
}

TEST(mounts, a_bind_without_source_is_refused) {
  EXPECT_EQ(refused(with(mount("/x", "bind", ""))), "EINVAL: mounts[0] on /x: source is missing");
}

TEST(mounts, a_mount_without_type_is_refused) {
  const std::string refusal =
      "EINVAL: mounts[0] on /x: type is missing: name a file system, or add the option \"bind\"";
  EXPECT_EQ(refused(with(mount("/x", "", "/x"))), refusal);
  EXPECT_EQ(refused(with(mount("/x", "none", "/x", {"ro"}))), refusal);
}

TEST(mounts, targets_are_read_as_paths_below_the_root) {
  EXPECT_EQ(step_of(mount("/a/./b//c/", "tmpfs", "")).target, "/a/b/c");
  EXPECT_EQ(step_of(mount("/a/../../b", "tmpfs", "")).target, "/b");
}

TEST(mounts, the_root_itself_is_no_target) {
  for (const char* const root : {"/", "/.", "/a/.."}) {
    EXPECT_NE(refused(with(mount(root, "tmpfs", ""))).find("destination must not be the root"),
              std::string::npos);
  }
}

TEST(mounts, remount_changes_what_is_there_even_the_root) {
  const MountStep step = step_of(mount("/", "", "", {"remount", "ro"}));
  EXPECT_EQ(step.kind, MountKind::Remount);
  EXPECT_EQ(step.set, uint64_t{MOUNT_ATTR_RDONLY});
}

TEST(mounts, remount_beside_bind_is_a_bind) {
  EXPECT_EQ(step_of(mount("/x", "bind", "/x", {"bind", "remount", "ro"})).kind, MountKind::Bind);
}

TEST(mounts, data_of_a_bind_is_left_out_with_a_notice) {
  const Plan plan = planned(with(mount("/x", "bind", "/x", {"bind", "sync", "size=1m"})), ana());
  EXPECT_TRUE(plan.mounts[0].data.empty());
  ASSERT_EQ(plan.notices.size(), 2U);
  EXPECT_EQ(plan.notices[1],
            "mounts[0] on /x: option \"size=1m\" means nothing to a bind mount "
            "and is left out");
}

TEST(mounts, tmpcopyup_fills_a_tmpfs_only) {
  EXPECT_TRUE(step_of(mount("/x", "tmpfs", "", {"tmpcopyup"})).copy_up);
  const Plan plan = planned(with(mount("/x", "mqueue", "", {"tmpcopyup"})), ana());
  EXPECT_FALSE(plan.mounts[0].copy_up);
  EXPECT_EQ(plan.notices.back(),
            "mounts[0] on /x: tmpcopyup is left out, only a tmpfs can be filled");
}

TEST(mounts, ids_are_those_of_the_mount_or_of_the_container) {
  oci::Mount one = mount("/x", "bind", "/x");
  one.uid_mappings = {{0, 5, 1}};
  EXPECT_EQ(refused(with(one)),
            "EINVAL: mounts[0] on /x: uidMappings and gidMappings must be given together");
  one.gid_mappings = {{0, 6, 1}};
  MountStep step = planned(with(one), ana()).mounts.at(0);
  ASSERT_TRUE(step.id_map);
  EXPECT_EQ(step.id_map->uid_map, (Map{{0, 5, 1}}));
  EXPECT_EQ(step.id_map->gid_map, (Map{{0, 6, 1}}));
  EXPECT_FALSE(step.id_map->recursive);
  oci::Spec spec = with(mount("/x", "bind", "/x", {"rbind", "ridmap"}));
  EXPECT_EQ(refused(spec),
            "EINVAL: mounts[0] on /x: option \"idmap\" needs mappings: uidMappings and gidMappings "
            "of the mount, or else of linux");
  map_ids(spec, {{0, 1000, 1}}, {{0, 1001, 1}});
  step = planned(spec, ana()).mounts.at(0);
  EXPECT_EQ(step.id_map->uid_map, (Map{{0, 1000, 1}}));
  EXPECT_TRUE(step.id_map->recursive);
}

TEST(mounts, ids_are_mapped_of_a_bind_mount_only) {
  EXPECT_EQ(refused(with(mount("/x", "tmpfs", "tmpfs", {"idmap"}))),
            "EINVAL: mounts[0] on /x: ids can be mapped of a bind mount only");
}

TEST(mounts, a_target_cannot_forge_a_line_of_a_message) {
  EXPECT_EQ(refused(with(mount("/x\ny", "", ""))).find("EINVAL: mounts[0] on \"/x\\ny\": type"),
            0U);
}

// Ids in options.

TEST(mounts, the_tty_group_stays_where_it_is_mapped) {
  const Plan plan =
      planned(with(mount("/dev/pts", "devpts", "", {"gid=5", "mode=620"})), ana_with_ranges());
  EXPECT_EQ(plan.mounts[0].data, (std::vector<std::string>{"gid=5", "mode=620"}));
}

TEST(mounts, the_tty_group_is_left_out_where_it_is_not) {
  EXPECT_EQ(step_of(mount("/dev/pts", "devpts", "", {"gid=5", "mode=620"})).data,
            (std::vector<std::string>{"mode=620"}));
}

TEST(mounts, the_tty_group_of_a_joined_namespace_is_the_kernels_to_check) {
  oci::Spec spec = with(mount("/dev/pts", "devpts", "", {"gid=5"}));
  add_namespace(spec, oci::NamespaceType::User, "/proc/7/ns/user");
  EXPECT_EQ(planned(spec, ana()).mounts[0].data, (std::vector<std::string>{"gid=5"}));
  spec.linux.gid_mappings = {{0, 1000, 1}};
  EXPECT_TRUE(planned(spec, ana()).mounts[0].data.empty());
}

TEST(mounts, other_unmapped_ids_are_refused) {
  EXPECT_EQ(refused(with(mount("/x", "tmpfs", "", {"uid=1000"}))),
            "EINVAL: mounts[0] on /x: option \"uid=1000\" names an id that is not mapped, inside "
            "are 0");
  EXPECT_EQ(refused(with(mount("/x", "tmpfs", "", {"gid=7"}))).find("EINVAL: mounts[0] on /x"), 0U);
  EXPECT_EQ(refused(with(mount("/x", "tmpfs", "", {"uid=0", "gid=0"}))), "");
}

TEST(mounts, what_only_looks_like_an_id_is_the_file_systems_business) {
  EXPECT_EQ(refused(with(mount("/x", "tmpfs", "", {"uid=root", "gid=", "uid=5x"}))), "");
}

}  // namespace
}  // namespace wolffia::plan::test
