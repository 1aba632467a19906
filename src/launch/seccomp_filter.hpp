// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/filter.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"
#include "sys/fd.hpp"

namespace wolffia::launch {

/// A compiled seccomp section, ready for seccomp(2).
struct Filter {
  std::vector<sock_filter> program;  // empty: no filter
  unsigned flags = 0;                // SECCOMP_FILTER_FLAG_*
};

/// Compiles `section`. libseccomp makes the program of the rules without arguments; in front of it
/// stands a prologue of ours (seccomp_prologue.hpp) with what libseccomp does not do:
///  - system calls newer than the newest the profile names answer ENOSYS, on each architecture;
///  - arguments are compared as the kernel takes them, so dirty high bits evade no rule;
///  - of several rules for a call that match, the strictest counts: a deny with arguments holds
///    although the call is also allowed without;
///  - calls newer than libseccomp are known.
/// Names that neither knows are skipped, as peers do.
/// Errors: EINVAL and ENOTSUP naming the field ("linux.seccomp.syscalls[3].action: …").
Result<Filter> compile_filter(const oci::Seccomp& section);

/// compile_filter() through a cache below `directory` (state root; may be empty: no cache). Names
/// made there start with "@", which no container id can.
/// Key: the section, its architectures, libseccomp's version and our build id. A file that is not
/// ours, not 0600 or damaged is ignored and rewritten; a cache that can't be written is no error.
Result<Filter> load_filter(const oci::Seccomp& section, const sys::Fd& directory);

/// "2.5.4": the library that compile_filter() uses.
std::string libseccomp_version();

}  // namespace wolffia::launch
