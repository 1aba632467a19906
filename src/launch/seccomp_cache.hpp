// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>

#include "launch/seccomp_filter.hpp"
#include "sys/fd.hpp"

/// Compiled filters, kept below a directory of ours: compiling a container engine's profile costs
/// more than all the rest of a start.
///
///   DIRECTORY/=seccomp/HASH     0600; "=" is in no container's id
///
/// A file holds its whole key beside the program, so that equal hashes never mean equal keys: a
/// bundle could otherwise be made to take another one's filter.
namespace wolffia::launch {

/// At most so many are kept: with one more, the oldest goes.
inline constexpr size_t kCachedFilters = 64;

/// What the program of `section` depends on: its text, the compiler and this build.
std::string filter_key(const oci::Seccomp& section);

/// Nobody but `user` can have written the file: it is regular, theirs, and closed to others.
bool is_private(const struct stat& file, uint32_t user);

/// The filter kept under `key`; none where there is none, or one that is not exactly what
/// keep_filter() wrote: a regular file, ours, 0600, whole. Never blocks and never fails.
std::optional<Filter> find_filter(const sys::Fd& directory, std::string_view key);

/// Keeps `filter` under `key`, all or nothing.
/// Errors: those of files. The cache is as before then, and nobody needs to know.
Result<void> keep_filter(const sys::Fd& directory, std::string_view key, const Filter& filter);

}  // namespace wolffia::launch
