// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "cli/user/attach.hpp"
#include "cli/user/session.hpp"

/// attach, and start --attach.
namespace wolffia::cli::user {

/// attach() to the container `id`: how it ended is known also where its supervisor could not tell.
/// Returns the exit status.
Result<int> watch(const Session& session, const std::string& id, Attachment attachment);

}  // namespace wolffia::cli::user
