// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "container/store.hpp"

namespace wolffia::container {

/// Takes one event, a JSON object on one line. An error ends watching.
using TakeEvent = std::function<Result<void>(const std::string& json)>;

/// Tells what a container uses: at once, and where `interval` is given, each time that is over,
/// with every process that the kernel kills for want of memory, until the container has ended.
/// Errors: as pause().
Result<void> watch(const Store& store, const std::string& id,
                   std::optional<std::chrono::milliseconds> interval, const TakeEvent& take);

}  // namespace wolffia::container
