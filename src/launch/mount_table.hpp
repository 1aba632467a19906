// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/result.hpp"
#include "sys/mountinfo.hpp"
#include "sys/path.hpp"

/// Questions to the kernel's list of mounts, for the cases that no call by descriptor answers.
namespace wolffia::launch {

/// All mounts of our namespace that are reachable from "/".
Result<std::vector<sys::MountInfo>> read_mounts(const sys::Fd& host_proc);

/// The number of the mount that `file` lies on, on every kernel.
Result<uint64_t> mount_id_of(const sys::Fd& host_proc, const sys::Fd& file);

/// The mounts below the mount whose root `top` is, as far as a path inside it reaches them.
Result<std::vector<sys::InRoot>> mounts_below(const sys::Fd& host_proc, const sys::Fd& top);

/// The mounts of our namespace that are neither the one `top` lies on nor hang on it.
Result<std::vector<sys::MountInfo>> mounts_outside(const sys::Fd& host_proc, const sys::Fd& top);

}  // namespace wolffia::launch
