// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "cli/user/doctor/ask.hpp"
#include "cli/user/doctor/facts.hpp"

namespace wolffia::cli::user::doctor {

/// Looks at directories as one that writes there, all of them at once: a small nameless file is
/// written, synced to nowhere, locked, and gone. None need exist: then the nearest that does
/// counts.
std::vector<Place> look_at(const std::vector<std::string>& paths, uint32_t uid,
                           Clock::time_point deadline);

/// Whether a store can well be there: local, with room, writable, and programs start there.
bool suits_a_store(const Place& place);

}  // namespace wolffia::cli::user::doctor
