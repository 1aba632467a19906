// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli::user::owners {

/// A thread in the container whose system call waits for an answer.
class Caller {
 public:
  /// `proc`: the /proc that `thread` is counted in.
  static Result<Caller> open(const sys::Fd& proc, pid_t thread);

  /// Whether CAP_* is effective.
  bool may(int capability) const { return (rights_ >> capability & 1) != 0; }
  mode_t umask() const { return umask_; }

  /// What a descriptor of its refers to, opened with O_PATH. Errors: EBADF.
  Result<sys::Fd> descriptor(int number) const;

  /// Puts us into its root, and into the directory that its relative paths start at: its
  /// descriptor `directory`, or AT_FDCWD. Paths mean to us what they mean to it, then.
  Result<void> enter(int directory) const;

 private:
  Caller(sys::Fd files, uint64_t rights, mode_t umask)
      : files_(std::move(files)), rights_(rights), umask_(umask) {}

  sys::Fd files_;  // /proc/THREAD
  uint64_t rights_;
  mode_t umask_;
};

}  // namespace wolffia::cli::user::owners
