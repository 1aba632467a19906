// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "container/store.hpp"

namespace wolffia::container {

/// Lets a created container run its program, then runs its poststart hooks; when one fails, the
/// container is stopped. Where it was created for a service manager, waits until the program says
/// that it is ready, or has ended, and tells `manager`, the NOTIFY_SOCKET of this call; empty:
/// none. Errors: ENOENT unknown id; EINVAL wrong status, or no process configured. `status` is what
/// the runtime exits with after an error: 127 or 126 for the program, else 1.
Result<void> start(const Store& store, const std::string& id, const std::string& manager,
                   int& status);

}  // namespace wolffia::container
