// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "net/options.hpp"

namespace wolffia::net {

/// Brings up "lo" and the interface in the current network namespace, with the guest's address and
/// the gateway as the way to everywhere. Where the namespace has no IPv6 it goes without: callers
/// ask for IPv6 on machines that have switched it off. What is there already stays.
Result<void> configure(const Options& options);

}  // namespace wolffia::net
