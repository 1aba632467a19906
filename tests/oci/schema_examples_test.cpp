// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "oci/parse_runtime.hpp"
#include "oci/spec_support.hpp"

/// What the specification's own schema is tried with (schema/test/config of runtime-spec 1.3), in
/// documents of ours: those that it takes. Those that it refuses are rows of
/// tests/data/spec/invalid.txt; of its documents for other systems only that their sections are not
/// in the way.
namespace wolffia::oci {
namespace {

TEST(schema_example, minimal_is_a_version_and_a_root) {
  const Spec spec = parsed(R"({"ociVersion": "1.0.0", "root": {"path": "rootfs"}})");
  EXPECT_EQ(spec.root.path, "rootfs");
}

TEST(schema_example, minimal_for_start_has_a_process) {
  const Spec spec = parsed(R"({"ociVersion": "1.0.0", "root": {"path": "rootfs"},
      "process": {"cwd": "/", "args": ["sh"], "user": {"uid": 0, "gid": 0}}})");
  ASSERT_TRUE(spec.process);
  EXPECT_EQ(spec.process->args, std::vector<std::string>{"sh"});
}

TEST(schema_example, limits_of_rdma_are_one_or_both) {
  const Spec spec = spec_with(R"("linux": {"resources": {"rdma": {
      "mlx5_1": {"hcaHandles": 3, "hcaObjects": 10000}, "mlx4_0": {"hcaObjects": 1000}}}})");
  const auto& rdma = spec.linux.resources.rdma;
  ASSERT_EQ(rdma.size(), 2U);
  EXPECT_EQ(rdma[0].handles, 3U);
  EXPECT_EQ(rdma[0].objects, 10000U);
  EXPECT_FALSE(rdma[1].handles);
}

TEST(schema_example, net_devices_may_keep_their_names) {
  const Spec spec =
      spec_with(R"("linux": {"netDevices": {"eth0": {"name": "container_eth0"}, "ens4": {}}})");
  ASSERT_EQ(spec.linux.net_devices.size(), 2U);
  EXPECT_EQ(spec.linux.net_devices[0].inside, "container_eth0");
  EXPECT_EQ(spec.linux.net_devices[1].inside, "ens4");
}

TEST(schema_example, sections_of_other_systems_are_not_looked_at) {
  for (
      const char* const section :
      {R"("windows": {"layerFolders": ["C:\\Layers\\one"], "hyperv": {"utilityVMPath": "C:\\VM"}})",
       R"("solaris": {"milestone": "svc:/milestone/container:default", "cappedCPU": {"ncpus": "8"}})",
       R"("vm": {"hypervisor": {"path": "/bin/vmm"}, "kernel": {"path": "/vmlinuz"}})",
       R"("zos": {"namespaces": [{"type": "pid"}]})",
       R"("freebsd": {"jail": {"parent": "one", "vnet": "new"}})"})
    EXPECT_EQ(spec_with(section).root.path, "rootfs") << section;
}

TEST(schema_example, of_the_specification_is_read_to_its_end) {
  const Spec spec = spec_with(R"(
      "process": {"terminal": true, "user": {"uid": 1, "gid": 1, "additionalGids": [5, 6]},
                  "args": ["sh"], "env": ["TERM=xterm"], "cwd": "/",
                  "capabilities": {"bounding": ["CAP_KILL"], "ambient": ["CAP_KILL"]},
                  "rlimits": [{"type": "RLIMIT_CORE", "hard": 1024, "soft": 1024}],
                  "apparmorProfile": "acme_secure_profile", "noNewPrivileges": true},
      "linux": {"resources": {"oomScoreAdj": 100, "memory": {"kernel": -1, "swappiness": 0},
                              "hugepageLimits": [{"pageSize": "64KB", "limit": 1000000},
                                                 {"pageSize": "1GB", "limit": 9223372036854772000}]},
                "timeOffset": {"monotonicSecs": 172800},
                "mountLabel": "system_u:object_r:svirt_sandbox_file_t:s0:c715,c811"})");
  EXPECT_TRUE(spec.process->terminal);
  EXPECT_EQ(spec.linux.resources.huge_pages.size(), 2U);
  EXPECT_TRUE(spec.linux.time_offsets.empty());
  EXPECT_EQ(spec.linux.mount_label, "system_u:object_r:svirt_sandbox_file_t:s0:c715,c811");
}

}  // namespace
}  // namespace wolffia::oci
