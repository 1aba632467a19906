// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"

namespace wolffia::launch {

/// Whether no container can change the program file we run from: it belongs to root, or to an id
/// without a mapping here, and we can't write to it. Asked in the user namespace that the container
/// will be in, or in one above.
Result<bool> program_is_safe();

/// Makes sure that no container can change the program file we run from (CVE-2019-5736): where an
/// id that a container may get could write to it, this executes a sealed copy in memory with the
/// same arguments, and does not return. Two system calls where the file is safe.
/// Precondition: called first, before descriptors are opened; `argv` is main()'s.
Result<void> protect_self(char** argv);

/// Where the program file lies that we run from, or from a copy of which.
Result<std::string> program_path();

}  // namespace wolffia::launch
