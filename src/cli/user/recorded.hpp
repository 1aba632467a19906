// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "cli/user/record.hpp"
#include "cli/user/request.hpp"

namespace wolffia::cli::user {

/// The request that a container was made with: the words of its `run`, read again where they were
/// given, which becomes the current directory; and what `update` changed since.
Result<RunRequest> request_of(const Record& record);

/// Puts the limits that `update` changed in the place of those it was made with.
Result<void> change_limits(const Record& record, Limits& limits);

}  // namespace wolffia::cli::user
