// SPDX-License-Identifier: Apache-2.0
#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

using oci::NamespaceType;
using Settings = std::vector<std::pair<std::string, std::string>>;

oci::Spec with(const std::string& key, std::vector<NamespaceType> types,
               const std::string& value = "1") {
  oci::Spec spec = bundle();
  for (const NamespaceType type : types)
    add_namespace(spec, type);
  spec.linux.sysctl = {{key, value}};
  return spec;
}

struct Namespaced {
  std::string key;
  NamespaceType type;
  std::string path;
};

class NamespacedSysctl : public testing::TestWithParam<Namespaced> {};

TEST_P(NamespacedSysctl, is_set_in_its_namespace_and_refused_without) {
  const Namespaced& row = GetParam();
  EXPECT_EQ(planned(with(row.key, {row.type}), ana()).sysctl, (Settings{{row.path, "1"}}));
  EXPECT_NE(refused(with(row.key, {})).find("EINVAL: linux.sysctl " + row.key + " needs a "),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    sysctl, NamespacedSysctl,
    testing::Values(Namespaced{"net.ipv4.ip_forward", NamespaceType::Network,
                               "net/ipv4/ip_forward"},
                    Namespaced{"net/ipv4/conf/eth0.1/rp_filter", NamespaceType::Network,
                               "net/ipv4/conf/eth0.1/rp_filter"},
                    Namespaced{"net.ipv4.conf.eth0/1.rp_filter", NamespaceType::Network,
                               "net/ipv4/conf/eth0.1/rp_filter"},
                    Namespaced{"kernel.shmmax", NamespaceType::Ipc, "kernel/shmmax"},
                    Namespaced{"kernel.msgmni", NamespaceType::Ipc, "kernel/msgmni"},
                    Namespaced{"kernel.sem", NamespaceType::Ipc, "kernel/sem"},
                    Namespaced{"fs.mqueue.msg_max", NamespaceType::Ipc, "fs/mqueue/msg_max"}));

TEST(sysctl, a_joined_namespace_is_enough) {
  oci::Spec spec = with("net.ipv4.ip_forward", {});
  add_namespace(spec, NamespaceType::Network, "/run/netns/a");
  EXPECT_EQ(planned(spec, ana()).sysctl.size(), 1U);
}

class HostSysctl : public testing::TestWithParam<const char*> {};

TEST_P(HostSysctl, is_refused_whatever_the_namespaces) {
  EXPECT_NE(
      refused(with(GetParam(), {NamespaceType::Network, NamespaceType::Ipc, NamespaceType::Uts}))
          .find("is not part of any namespace: it would change the host"),
      std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(sysctl, HostSysctl,
                         testing::Values("kernel.core_pattern", "vm.swappiness", "kernel.semaphore",
                                         "kernel.shm_next_id", "net", "net.", "", "network.x",
                                         "fs.mqueue", "kernel/../kernel/sem"));

TEST(sysctl, dots_do_not_lead_out_of_a_namespaces_part) {
  const std::string refusal = "is not part of any namespace: it would change the host";
  for (const char* const key : {"net.//.kernel.core_pattern", "net/../kernel/core_pattern",
                                "net/./x", "net//ipv4/ip_forward", "/net/ipv4/ip_forward"})
    EXPECT_NE(refused(with(key, {NamespaceType::Network})).find(refusal), std::string::npos) << key;
}

TEST(sysctl, names_of_the_uts_namespace_become_its_names) {
  const Plan plan = planned(with("kernel.domainname", {NamespaceType::Uts}, "example.org"), ana());
  EXPECT_EQ(plan.domainname, "example.org");
  EXPECT_TRUE(plan.sysctl.empty());
}

TEST(sysctl, two_different_hostnames_are_refused) {
  oci::Spec spec = with("kernel.hostname", {NamespaceType::Uts}, "lake");
  EXPECT_EQ(planned(spec, ana()).hostname, "lake");
  spec.hostname = "pond";
  EXPECT_EQ(refused(spec),
            "EINVAL: linux.sysctl kernel.hostname says \"lake\", but the bundle's "
            "own field says \"pond\"");
}

}  // namespace
}  // namespace wolffia::plan::test
