// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/bpf.h>

#include <span>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Programs for the kernel. Source: bpf(2).
namespace wolffia::sys {

/// One that decides on accesses to devices: BPF_PROG_TYPE_CGROUP_DEVICE, Linux 4.15. Errors: EPERM
/// without the rights to; EINVAL and EACCES for one that the kernel does not take.
Result<Fd> load_device_program(std::span<const bpf_insn> instructions);

/// Beside those that are there, as long as the cgroup whose directory that is lives.
Result<void> attach_device_program(const Fd& program, const Fd& cgroup);

}  // namespace wolffia::sys
