// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "sys/process.hpp"

namespace wolffia::launch {

/// sys::clone_process() with its fallbacks; a refusal says what a person can change.
Result<sys::Cloned> clone_into(uint64_t flags, const sys::Fd* cgroup = nullptr);

}  // namespace wolffia::launch
