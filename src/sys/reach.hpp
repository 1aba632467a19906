// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace wolffia::sys {

/// Connects to TCP `port` of `address` (numeric, IPv4 or IPv6) and closes the connection at once.
/// Errors: EINVAL when it is no address; ETIMEDOUT; those of connect(2).
Result<void> reach(const std::string& address, uint16_t port, std::chrono::milliseconds timeout);

}  // namespace wolffia::sys
