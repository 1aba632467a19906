// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/result.hpp"
#include "overlay/options.hpp"
#include "sys/fd.hpp"

namespace wolffia::overlay {

/// The sole use of an upper and a working directory. Two mounts that change one do not know what
/// the other one caches, and each empties the work of the other.
///
/// It is a flock(2) on both directories, which ends with the last process that has the descriptors:
/// nothing of it is left behind whoever is killed. Where a file system has no such locks nobody is
/// kept out.
class Claim {
 public:
  /// Waits a while for a mount that is just ending. Nothing is claimed for a mount that changes
  /// nothing, nor of directories that cannot be opened, as who mounts them says why.
  /// Errors: EBUSY, naming the option and the directory.
  static Result<Claim> take(const Options& options);

  /// To be kept by whoever keeps the claim.
  std::vector<int> descriptors() const;

  /// Gives it up for all who have the descriptors.
  void release();

 private:
  std::vector<sys::Fd> directories_;
};

}  // namespace wolffia::overlay
