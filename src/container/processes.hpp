// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/store.hpp"

namespace wolffia::container {

/// The processes of a container, as the caller's pid namespace numbers them, ascending: those in
/// init's pid namespace; where that is the caller's own too, init and its descendants.
/// Errors: ENOENT unknown id; EINVAL "container not running".
Result<std::vector<pid_t>> processes(const Store& store, const std::string& id);

}  // namespace wolffia::container
