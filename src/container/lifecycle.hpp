// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "container/state.hpp"

namespace wolffia::container {

enum class Operation : uint8_t {
  Start,
  Exec,
  Kill,
  Processes,
  Delete,
  ForcedDelete,
  Pause,
  Resume,
  Update,
  Watch
};

/// Whether `operation` is legal in `status`, by the one table in lifecycle.cpp.
/// Errors: EINVAL with the sentence callers match: "container not running" for a kill of a stopped
/// container, "container X is running: …" for a delete.
Result<void> allow(Operation operation, Status status, const std::string& id);

}  // namespace wolffia::container
