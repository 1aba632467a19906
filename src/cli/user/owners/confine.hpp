// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"

namespace wolffia::cli::user::owners {

/// The keeper reads what a container wrote: from here on it has the rights and the system calls
/// that noting owners takes, and no others.
Result<void> confine();

}  // namespace wolffia::cli::user::owners
