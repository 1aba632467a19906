// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/capability.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "oci/runtime_spec.hpp"
#include "plan/plan.hpp"

namespace wolffia::plan {

/// Names by number. Source: linux/capability.h, Linux 5.9 and since.
inline constexpr std::array<std::string_view, CAP_LAST_CAP + 1> kCapabilities{
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};

/// The sets the kernel will accept for `asked`: unknown names, and capabilities that a rule of
/// capabilities(7) forbids in a set, are left out, each with a notice. Nothing asked: empty sets.
CapabilitySets plan_capabilities(const std::optional<oci::Capabilities>& asked,
                                 std::vector<std::string>& notices);

/// Leaves out, with a notice, what the current user namespace does not grant.
void limit_capabilities(CapabilitySets& sets, uint64_t available,
                        std::vector<std::string>& notices);

/// "CAP_CHOWN CAP_KILL", or "none".
std::string describe_capabilities(uint64_t set);

}  // namespace wolffia::plan
