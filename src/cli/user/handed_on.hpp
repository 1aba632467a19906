// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "base/result.hpp"

namespace wolffia::cli::user {

/// Where `words`, the command line, is of a command that wolffia-image has under the same name
/// (pull, push, save, load, import, login, logout), becomes that program with the same words, which
/// has the options and the help of it. Returns false for any other command line. Errors: those of
/// starting it.
Result<bool> hand_on(std::span<const char* const> words);

}  // namespace wolffia::cli::user
