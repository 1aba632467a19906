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

/// Compiles `section` with libseccomp and puts our prologue in front, which answers ENOSYS to
/// system calls newer than the newest the profile knows, per architecture (x32 included).
/// Errors: EINVAL naming the field ("linux.seccomp.syscalls[3].names[0]: …").
Result<Filter> compile_filter(const oci::Seccomp& section);

/// compile_filter() through a cache below `directory` (state root; may be empty: no cache). Names
/// made there start with "@", which no container id can.
/// Key: the section, its architectures, libseccomp's version and our build id. A file that is not
/// ours, not 0600 or damaged is ignored and rewritten; a cache that can't be written is no error.
Result<Filter> load_filter(const oci::Seccomp& section, const sys::Fd& directory);

}  // namespace wolffia::launch
