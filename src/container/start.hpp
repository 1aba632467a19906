// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "container/store.hpp"

namespace wolffia::container {

/// Lets a created container run its program, then runs its poststart hooks; when one fails, the
/// container is stopped. Errors: ENOENT unknown id; EINVAL wrong status, or no process configured.
/// `status` is what the runtime exits with after an error: 127 or 126 for the program, else 1.
Result<void> start(const Store& store, const std::string& id, int& status);

}  // namespace wolffia::container
