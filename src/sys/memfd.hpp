// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Files in memory that nobody can change any more. Source: memfd_create(2).
namespace wolffia::sys {

/// A copy of `file` that is sealed against every change, and executable.
Result<Fd> sealed_copy(const char* name, const Fd& file);

/// A file in memory that holds `bytes` and is inherited by exec: read it as /proc/self/fd/N.
Result<Fd> inherited_memory_file(const char* name, std::string_view bytes);

/// Is `file` a sealed_copy()?
bool is_sealed(const Fd& file);

/// Becomes the program in `file`; returns only to say why not. Source: execveat(2).
Error execute_file(const Fd& file, char* const* argv, char* const* envp);

}  // namespace wolffia::sys
