// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli {

enum class ChangeKind : uint8_t { Added, Changed, Deleted };

struct Change {
  ChangeKind kind = ChangeKind::Changed;
  std::string path;  // absolute, inside
};

/// What the directory to compare is: the upper directory of an overlay, or a whole tree that was a
/// copy of the layers.
enum class ComparedTree : bool { Upper, Whole };

/// How `tree` differs from the layers (lowest first), sorted by path, a directory before what is in
/// it. A directory counts as changed where its mode, owner or attributes or something in it did. Of
/// what is in `own`, with all directories above it, empty directories and files are not told: the
/// runtime made them to mount on. By descriptor only, never through a link. Errors: ELOOP beyond
/// 250 directories.
Result<std::vector<Change>> changes_of(const sys::Fd& tree, ComparedTree kind,
                                       std::span<const sys::InRoot> layers,
                                       const std::set<std::string>& own);

/// Every path in `paths` with all directories above it, but "/".
std::set<std::string> with_parents(std::span<const std::string> paths);

}  // namespace wolffia::cli
