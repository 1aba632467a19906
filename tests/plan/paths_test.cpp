// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>

#include "plan/parts.hpp"
#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

TEST(paths, clean_path_drops_what_says_nothing) {
  EXPECT_EQ(clean_path("/"), "/");
  EXPECT_EQ(clean_path("//a//b/"), "/a/b");
  EXPECT_EQ(clean_path("/./a/."), "/a");
  EXPECT_EQ(clean_path("/a/b/../c"), "/a/c");
  EXPECT_EQ(clean_path("/../../a"), "/a");
  EXPECT_EQ(clean_path("/a/.."), "/");
  EXPECT_EQ(clean_path("/..a/b.."), "/..a/b..");
}

TEST(paths, the_root_is_relative_to_the_bundle) {
  oci::Spec spec = bundle();
  EXPECT_EQ(planned(spec, ana()).root.path, "/bundle/rootfs");
  spec.root.path = "/srv/root";
  EXPECT_EQ(planned(spec, ana()).root.path, "/srv/root");
}

TEST(paths, a_writable_root_takes_its_own_mount_points) {
  const RootPlan root = planned(bundle(), ana()).root;
  EXPECT_FALSE(root.readonly);
  EXPECT_EQ(root.cover, Cover::Never);
  EXPECT_TRUE(root.pivot);
}

TEST(paths, a_read_only_root_is_covered_where_it_lacks_them) {
  oci::Spec spec = bundle();
  spec.root.readonly = true;
  const RootPlan root = planned(spec, ana()).root;
  EXPECT_TRUE(root.readonly);
  EXPECT_EQ(root.cover, Cover::IfMissing);
}

TEST(paths, an_annotation_covers_any_root) {
  oci::Spec spec = bundle();
  spec.annotations = {{"org.wolffia.mountpoints", "cover"}};
  EXPECT_EQ(planned(spec, ana()).root.cover, Cover::Always);
  spec.root.readonly = true;
  EXPECT_EQ(planned(spec, ana()).root.cover, Cover::Always);
}

TEST(paths, propagation_of_the_root_is_the_bundles_word) {
  oci::Spec spec = bundle();
  EXPECT_EQ(planned(spec, ana()).root.propagation, 0U);
  spec.linux.rootfs_propagation = "rslave";
  const RootPlan root = planned(spec, ana()).root;
  EXPECT_EQ(root.propagation, uint64_t{MS_SLAVE});
  EXPECT_TRUE(root.rec_propagation);
}

TEST(paths, pivot_root_can_be_switched_off) {
  Options how = options();
  how.pivot = false;
  EXPECT_FALSE(planned(bundle(), ana(), how).root.pivot);
}

TEST(paths, masked_and_read_only_paths_are_listed_once) {
  oci::Spec spec = bundle();
  spec.linux.masked_paths = {"/proc/kcore", "/proc/acpi", "/proc//kcore", "/proc/kcore/"};
  spec.linux.readonly_paths = {"/proc/bus", "/proc/bus"};
  const Plan plan = planned(spec, ana());
  EXPECT_EQ(plan.masked_paths, (std::vector<std::string>{"/proc/kcore", "/proc/acpi"}));
  EXPECT_EQ(plan.readonly_paths, (std::vector<std::string>{"/proc/bus"}));
}

}  // namespace
}  // namespace wolffia::plan::test
