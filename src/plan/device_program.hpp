// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/bpf.h>

#include <span>
#include <vector>

#include "oci/runtime_spec.hpp"

namespace wolffia::plan {

/// What every program may use whatever a bundle says, as other runtimes have it: the default
/// devices, terminals, and nodes, which by themselves give nothing. Source: runtime-spec
/// config-linux.md, "Default Devices".
std::span<const oci::DeviceRule> default_device_rules();

/// The program that the kernel asks of each access to a device from the cgroup: `rules` in their
/// order, from one that allows nothing on. What is wanted at once, reading and writing, is granted
/// where each of it is. Source: struct bpf_cgroup_dev_ctx in linux/bpf.h, Linux 4.15.
std::vector<bpf_insn> device_program(std::span<const oci::DeviceRule> rules);

}  // namespace wolffia::plan
