// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/personality.h>

#include "oci/spec_support.hpp"

namespace wolffia::oci {
namespace {

using Strings = std::vector<std::string>;

Linux every_field() {
  return parsed(read_data("valid/every-field.json")).linux;
}

TEST(linux_section, every_namespace_type_is_known) {
  const auto namespaces = every_field().namespaces;
  ASSERT_EQ(namespaces.size(), 8U);
  const std::array expected{NamespaceType::Pid,    NamespaceType::Network, NamespaceType::Mount,
                            NamespaceType::Ipc,    NamespaceType::Uts,     NamespaceType::User,
                            NamespaceType::Cgroup, NamespaceType::Time};
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(namespaces[i].type, expected[i]) << i;
  EXPECT_EQ(namespaces[1].path, "/run/netns/blue");
}

TEST(linux_section, empty_namespace_path_asks_for_a_new_one) {
  EXPECT_EQ(linux_with(R"("namespaces": [{"type": "uts", "path": ""}])").namespaces[0].path, "");
}

TEST(linux_section, devices_are_read) {
  const auto devices = every_field().devices;
  ASSERT_EQ(devices.size(), 4U);
  EXPECT_EQ(devices[0].path, "/dev/fuse");
  EXPECT_EQ(devices[0].type, DeviceType::Char);
  EXPECT_EQ(devices[0].major, 10U);
  EXPECT_EQ(devices[0].minor, 229U);
  EXPECT_EQ(devices[0].file_mode, 0666U);
  EXPECT_EQ(devices[0].uid, 1U);
  EXPECT_EQ(devices[0].gid, 2U);
  EXPECT_EQ(devices[1].type, DeviceType::Block);
  EXPECT_EQ(devices[2].type, DeviceType::Char);  // "u"
  EXPECT_FALSE(devices[2].file_mode);
}

TEST(linux_section, device_mode_loses_its_type_bits) {
  EXPECT_EQ(every_field().devices[1].file_mode, 0660U);  // written as 060660
}

TEST(linux_section, fifo_needs_no_device_number) {
  EXPECT_EQ(every_field().devices[3].type, DeviceType::Fifo);
}

TEST(linux_section, time_offsets_may_be_negative) {
  const auto offsets = every_field().time_offsets;
  ASSERT_EQ(offsets.size(), 2U);
  EXPECT_EQ(offsets[0].clock, "monotonic");
  EXPECT_EQ(offsets[0].secs, -5);
  EXPECT_EQ(offsets[0].nanosecs, 999'999'999U);
  EXPECT_EQ(offsets[1].clock, "boottime");
  EXPECT_EQ(offsets[1].secs, 7);
}

TEST(linux_section, paths_labels_and_sysctls_are_read) {
  const Linux linux = every_field();
  EXPECT_EQ(linux.masked_paths, Strings{"/proc/kcore"});
  EXPECT_EQ(linux.readonly_paths, (Strings{"/proc/sys", "/proc/bus"}));
  EXPECT_EQ(linux.mount_label, "system_u:object_r:container_file_t:s0");
  EXPECT_EQ(linux.cgroups_path, "user.slice:wolffia:box");
  EXPECT_EQ(linux.rootfs_propagation, "rslave");
  ASSERT_EQ(linux.sysctl.size(), 2U);
  EXPECT_EQ(linux.sysctl[0], std::pair(std::string("net.ipv4.ip_forward"), std::string("1")));
}

TEST(linux_section, takes_every_propagation_word) {
  for (const char* const word : {"shared", "slave", "private", "unbindable", "rshared", "rslave",
                                 "rprivate", "runbindable", ""}) {
    EXPECT_EQ(linux_with(cat(R"("rootfsPropagation": ")", word, "\"")).rootfs_propagation, word);
  }
}

TEST(linux_section, personality_is_the_kernels) {
  EXPECT_EQ(every_field().personality, uint64_t{PER_LINUX32});
  EXPECT_EQ(linux_with(R"("personality": {"domain": "LINUX", "flags": []})").personality,
            uint64_t{PER_LINUX});
  EXPECT_FALSE(linux_with(R"("sysctl": {})").personality);
}

TEST(linux_section, names_what_is_not_carried_out) {
  EXPECT_EQ(every_field().unsupported, Strings{"linux.intelRdt"});
}

TEST(linux_section, memory_policy_is_the_kernels) {
  ASSERT_TRUE(every_field().memory_policy);
  EXPECT_EQ(every_field().memory_policy->mode, 2U | 1U << 15);  // MPOL_BIND, MPOL_F_STATIC_NODES
  EXPECT_EQ(every_field().memory_policy->nodes, (NumberSet{3}));
  const Linux linux = linux_with(R"("memoryPolicy": {"mode": "MPOL_LOCAL"})");
  EXPECT_EQ(linux.memory_policy->mode, 4U);
  EXPECT_TRUE(linux.memory_policy->nodes.empty());
}

TEST(linux_section, net_devices_keep_their_names_unless_told) {
  const Linux linux = every_field();
  ASSERT_EQ(linux.net_devices.size(), 2U);
  EXPECT_EQ(linux.net_devices[0].name, "eth0");
  EXPECT_EQ(linux.net_devices[0].inside, "inside0");
  EXPECT_EQ(linux.net_devices[1].inside, "eth1");
  const Linux numbered = linux_with(R"("netDevices": {"eth0": {"name": "data%d"}})");
  ASSERT_EQ(numbered.net_devices.size(), 1U);
  EXPECT_TRUE(numbered.net_devices[0].is_numbered());
}

TEST(linux_section, what_is_null_asks_for_nothing) {
  EXPECT_TRUE(linux_with(R"("netDevices": null, "intelRdt": null)").unsupported.empty());
}

}  // namespace
}  // namespace wolffia::oci
