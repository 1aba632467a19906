// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "container/store.hpp"

namespace wolffia::container {

/// "TERM", "SIGTERM", "15", "RTMIN+3", any case. Errors: EINVAL naming what was given.
Result<int> parse_signal(std::string_view text);

enum class Reach : bool { Init, All };

/// Sends `signal` through a pidfd to init, or with Reach::All to every process of the container.
/// Errors: ENOENT "container X does not exist"; EINVAL "container not running".
Result<void> kill(const Store& store, const std::string& id, int signal, Reach reach);

}  // namespace wolffia::container
