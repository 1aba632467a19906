// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "net/options.hpp"

namespace wolffia::net {

/// Connects to the guest, confines itself and serves until something happens to options.exit_fd, or
/// the guest's interface is gone. `tell` gets what a person should know of.
Result<void> serve(const Options& options, void (*tell)(std::string_view sentence));

}  // namespace wolffia::net
