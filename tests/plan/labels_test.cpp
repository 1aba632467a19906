// SPDX-License-Identifier: Apache-2.0
#include "plan/labels.hpp"

#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

constexpr const char* kProcessLabel = "system_u:system_r:container_t:s0:c1,c2";
constexpr const char* kMountLabel = "system_u:object_r:container_file_t:s0:c1,c2";

Host with(SecurityModules modules) {
  Host host = ana();
  host.modules = modules;
  return host;
}

oci::Spec labelled(const std::string& apparmor, const std::string& selinux) {
  oci::Spec spec = bundle();
  spec.process->apparmor_profile = apparmor;
  spec.process->selinux_label = selinux;
  return spec;
}

TEST(labels, are_the_programs) {
  const SecurityLabels profile =
      planned(labelled("web", ""), with({.apparmor = true})).process->labels;
  EXPECT_EQ(profile.apparmor, "web");
  EXPECT_EQ(profile.selinux, "");
  const SecurityLabels label =
      planned(labelled("", kProcessLabel), with({.selinux = true})).process->labels;
  EXPECT_EQ(label.selinux, kProcessLabel);
}

TEST(labels, that_cannot_be_had_are_an_error) {
  EXPECT_EQ(refused(labelled("web", "")),
            "EOPNOTSUPP: process.apparmorProfile is given, but AppArmor is not enabled on this "
            "machine: leave it out");
  EXPECT_EQ(refused(labelled("", kProcessLabel), with({.apparmor = true})),
            "EOPNOTSUPP: process.selinuxLabel is given, but SELinux is not enabled on this "
            "machine: leave it out");
  oci::Spec spec = bundle();
  spec.linux.mount_label = kMountLabel;
  EXPECT_EQ(refused(spec),
            "EOPNOTSUPP: linux.mountLabel is given, but SELinux is not enabled on this machine: "
            "leave it out");
}

TEST(labels, unconfined_is_none) {
  EXPECT_FALSE(names_labels(labelled("unconfined", "")));
  EXPECT_TRUE(planned(labelled("unconfined", ""), ana()).process->labels.empty());
}

TEST(labels, are_one_line) {
  EXPECT_NE(refused(labelled("web\nother", ""), with({.apparmor = true})).find("one line"),
            std::string::npos);
}

oci::Spec with_mounts() {
  oci::Spec spec = bundle();
  spec.linux.mount_label = kMountLabel;
  for (const char* type : {"proc", "tmpfs", "mqueue", "bind"}) {
    oci::Mount& mount = spec.mounts.emplace_back();
    mount.destination = std::string("/") + type;
    mount.type = mount.source = type;
  }
  spec.mounts[3].options = {"bind"};
  return spec;
}

TEST(labels, of_mounts_go_to_file_systems_of_their_own) {
  EXPECT_TRUE(names_labels(with_mounts()));
  const Plan plan = planned(with_mounts(), with({.selinux = true}));
  const auto last_option = [&](size_t i) {
    return plan.mounts[i].data.empty() ? std::string() : plan.mounts[i].data.back();
  };
  EXPECT_EQ(last_option(0), "");
  EXPECT_EQ(last_option(1), std::string("context=") + kMountLabel);
  EXPECT_EQ(last_option(2), "");
  EXPECT_EQ(last_option(3), "");
}

TEST(labels, of_mounts_can_be_of_another_type) {
  oci::Spec spec = with_mounts();
  spec.annotations = {{"run.oci.mount_context_type", "rootcontext"}};
  const Plan plan = planned(spec, with({.selinux = true}));
  EXPECT_EQ(plan.mounts[1].data.back(), std::string("rootcontext=") + kMountLabel);
  spec.annotations = {{"run.oci.mount_context_type", "mycontext"}};
  EXPECT_EQ(refused(spec, with({.selinux = true})),
            "EINVAL: annotations run.oci.mount_context_type must be context, fscontext, "
            "defcontext or rootcontext");
}

}  // namespace
}  // namespace wolffia::plan::test
