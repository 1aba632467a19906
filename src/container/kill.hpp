// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "container/store.hpp"

namespace wolffia::container {

enum class Reach : bool { Init, All };

/// Sends `signal` through a pidfd to init, or with Reach::All to every process of the container.
/// Errors: ENOENT "container X does not exist"; EINVAL "container not running".
Result<void> kill(const Store& store, const std::string& id, int signal, Reach reach);

}  // namespace wolffia::container
