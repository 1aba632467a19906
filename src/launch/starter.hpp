// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "base/result.hpp"
#include "sys/process.hpp"

namespace wolffia::launch {

/// The cgroup that a process is to be in: neither of the two, the caller's.
struct CgroupTarget {
  const sys::Fd* directory = nullptr;
  /// Moves it there, where we can't or there is none before it: called while the process waits.
  /// With a directory too, only after the kernel has refused that.
  std::function<Result<void>(pid_t)> move = {};
  explicit operator bool() const { return directory || move; }
};

/// sys::clone_process() with its fallbacks; a refusal says what a person can change.
Result<sys::Cloned> clone_into(uint64_t flags, const CgroupTarget& cgroup = {});

}  // namespace wolffia::launch
