// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"

namespace wolffia::launch {

/// The path of our own program `name`: in the directory of the running executable, or in libexec
/// beside it. PATH is never searched (I20).
/// Errors: ENOENT naming both places; EPERM when it is neither root's nor ours nor of the owner of
/// the running executable, or others may write it.
Result<std::string> find_program(const std::string& name);

}  // namespace wolffia::launch
