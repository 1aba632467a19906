// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace wolffia::overlay {

/// A mount of this program, for the process that takes it away again. It asks the kernel's list of
/// mounts and never the mount itself, behind which nobody may answer.
class Mounted {
 public:
  /// The mount on `point`, an absolute path without links.
  /// Errors: ENOENT when what is on top there is not ours.
  static Result<Mounted> on(std::string point);

  /// Whether it is in the tree of files, under whatever else. True where that cannot be told.
  bool is_listed() const;

  /// Takes it out of the tree of files. Nothing to do where it is gone, or below another mount.
  Result<void> detach() const;

  /// Writes what the kernel still keeps of it, for as long as somebody answers, and not for ever.
  void save() const;

 private:
  Mounted(std::string point, uint64_t id) : point_(std::move(point)), id_(id) {}
  std::string point_;
  uint64_t id_;
};

}  // namespace wolffia::overlay
