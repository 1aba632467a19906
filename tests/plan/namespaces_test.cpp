// SPDX-License-Identifier: Apache-2.0
#include <linux/capability.h>

#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

using oci::NamespaceType;

TEST(namespaces, listed_ones_are_new_or_joined_in_any_order) {
  oci::Spec spec = bundle();
  spec.linux.namespaces = {{NamespaceType::Uts, ""},
                           {NamespaceType::Network, "/run/netns/a"},
                           {NamespaceType::Mount, ""},
                           {NamespaceType::Pid, ""}};
  const Plan plan = planned(spec, ana());
  ASSERT_EQ(plan.namespaces.size(), 4U);
  EXPECT_EQ(plan.namespaces[1].path, "/run/netns/a");
  EXPECT_TRUE(plan.creates(NamespaceType::Pid));
  EXPECT_FALSE(plan.creates(NamespaceType::Network));
  EXPECT_TRUE(plan.joins_any());
}

TEST(namespaces, an_absent_one_is_inherited) {
  const Plan plan = planned(bundle(), ana());
  EXPECT_FALSE(plan.creates(NamespaceType::Pid));
  EXPECT_FALSE(plan.joins_any());
}

TEST(namespaces, the_user_namespace_is_planned_apart) {
  oci::Spec spec = bundle();
  add_namespace(spec, NamespaceType::User);
  EXPECT_EQ(planned(spec, ana()).namespaces.size(), 1U);
}

TEST(namespaces, without_a_mount_namespace_the_host_would_be_mounted_on) {
  oci::Spec spec = bundle();
  spec.linux.namespaces.clear();
  EXPECT_EQ(refused(spec),
            "EINVAL: linux.namespaces lacks a mount namespace, without which the mounts would "
            "land on the host: add {\"type\": \"mount\"}");
}

TEST(namespaces, hostname_and_domainname_go_into_a_uts_namespace) {
  oci::Spec spec = bundle();
  add_namespace(spec, NamespaceType::Uts);
  spec.hostname = "pond";
  spec.domainname = "example.org";
  const Plan plan = planned(spec, ana());
  EXPECT_EQ(plan.hostname, "pond");
  EXPECT_EQ(plan.domainname, "example.org");
}

TEST(namespaces, a_joined_uts_namespace_takes_a_hostname) {
  oci::Spec spec = bundle();
  add_namespace(spec, NamespaceType::Uts, "/proc/7/ns/uts");
  spec.hostname = "pond";
  EXPECT_EQ(planned(spec, ana()).hostname, "pond");
}

TEST(namespaces, the_hosts_own_names_are_not_changed) {
  oci::Spec spec = bundle();
  spec.hostname = "pond";
  EXPECT_EQ(refused(spec),
            "EINVAL: hostname needs a uts namespace: add {\"type\": \"uts\"} to "
            "linux.namespaces, or leave it out");
  spec.hostname.clear();
  spec.domainname = "example.org";
  EXPECT_EQ(refused(spec).find("EINVAL: domainname needs a uts namespace"), 0U);
}

TEST(namespaces, time_offsets_need_a_new_time_namespace) {
  oci::Spec spec = bundle();
  spec.linux.time_offsets = {{"boottime", 100, 5}};
  EXPECT_EQ(refused(spec).find("EINVAL: linux.timeOffsets needs a new time namespace"), 0U);
  add_namespace(spec, NamespaceType::Time, "/proc/7/ns/time");
  EXPECT_EQ(refused(spec).find("EINVAL: linux.timeOffsets needs a new time namespace"), 0U);
  spec.linux.namespaces.back().path.clear();
  EXPECT_EQ(planned(spec, ana()).time_offsets.size(), 1U);
}

oci::Spec with_devices(std::vector<oci::NetDevice> devices) {
  oci::Spec spec = bundle();
  add_namespace(spec, NamespaceType::Network);
  spec.linux.net_devices = std::move(devices);
  return spec;
}

TEST(net_devices, come_into_a_network_namespace_of_the_container) {
  const oci::Spec spec = with_devices({{"eth0", "inside0"}});
  const Plan plan = planned(spec, podman_root());
  ASSERT_EQ(plan.net_devices.size(), 1U);
  EXPECT_NE(print(plan).find("network device eth0 comes in as inside0\n"), std::string::npos);
  oci::Spec without = spec;
  without.linux.namespaces.pop_back();
  EXPECT_EQ(refused(without, podman_root()),
            "EINVAL: linux.netDevices needs a network namespace that devices can move to: add "
            "{\"type\": \"network\"} to linux.namespaces");
}

TEST(net_devices, need_rights_over_the_namespace_that_they_are_in) {
  const std::string why =
      "EOPNOTSUPP: linux.netDevices can't be carried out: to move a device takes rights over the "
      "network namespace that it is in: have root move it into a namespace of yours, and name that "
      "by its path";
  const oci::Spec spec = with_devices({{"eth0", "eth0"}});
  EXPECT_EQ(refused(spec, ana()), why);
  Host root = podman_root();
  root.capabilities &= ~(uint64_t{1} << CAP_NET_ADMIN);
  EXPECT_EQ(refused(spec, root), why);
}

TEST(net_devices, have_names_of_their_own) {
  EXPECT_EQ(refused(with_devices({{"eth0", "data"}, {"eth1", "data"}}), podman_root()),
            "EINVAL: linux.netDevices gives \"data\" to two devices as their name");
  EXPECT_EQ(refused(with_devices({{"eth0", "data%d"}, {"eth1", "data%d"}}), podman_root()), "");
}

}  // namespace
}  // namespace wolffia::plan::test
