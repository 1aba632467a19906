// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "base/result.hpp"
#include "launch/seccomp_filter.hpp"
#include "oci/runtime_spec.hpp"

namespace wolffia::launch {

/// A program that the bundle brings ready made: an array of struct sock_filter, base 64. What it
/// does is the kernel's to check. Source: run.oci.seccomp_bpf_data of crun(1); seccomp(2).
/// Errors: EINVAL unless it is one instruction or more, and BPF_MAXINSNS at most.
Result<Filter> read_program(std::string_view base64);

/// That libseccomp or we know every system call the section names, which are skipped else.
/// Errors: EINVAL, naming the field. Source: run.oci.seccomp_fail_unknown_syscall of crun(1).
Result<void> check_names(const oci::Seccomp& section);

}  // namespace wolffia::launch
