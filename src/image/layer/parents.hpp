// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// The directories from a tree's root to the one entered last, held open: an archive goes through a
/// tree in order, so most steps are one open(2). Each is opened by one name in its parent and never
/// through a link, so a path may be longer than PATH_MAX, and nothing leads out of the tree,
/// whoever exchanges its directories meanwhile.
class Parents {
 public:
  /// `root` must outlive it.
  explicit Parents(const sys::Fd& root) : root_(root) {}

  /// Enters as many of `names` as are directories, and returns how many. Errors: what is neither
  /// ENOENT, nor ENOTDIR or ELOOP for something that is no directory.
  Result<size_t> enter(std::span<const std::string> names);

  /// The directory that was entered last.
  const sys::Fd& here() const;

  /// Forgets all directories: some may be gone.
  void forget() { levels_.clear(); }

 private:
  /// Of the levels above the deepest 64 every 64th stays open, so that 8,192 levels take fewer
  /// descriptors than the 1,024 of RLIMIT_NOFILE.
  static constexpr size_t kOpen = 64;

  struct Level {
    std::string name;
    sys::Fd directory;  // empty: closed for now
  };

  Result<void> reopen_last();
  void close_some();

  const sys::Fd& root_;
  std::vector<Level> levels_;
};

}  // namespace wolffia::image
