// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::sys {

/// What this process may still do with files by name: what is granted below directories, and
/// nothing elsewhere. Reading and changing of modes, owners, times and attributes is not
/// restrained. Source: landlock(7).
class FileRules {
 public:
  /// None where the kernel has no Landlock, or one that cannot grant renames between directories
  /// (before Linux 5.19).
  static Result<std::optional<FileRules>> make();

  enum class Grant : uint8_t {
    Read,    // files and listings
    Change,  // all but to execute, and ioctl(2) of devices
    Device   // of a device: to read and write it, and its ioctl(2)
  };
  /// `place`: a directory, or the device itself; O_PATH will do.
  Result<void> grant(const Fd& place, Grant what);

  /// From here on, for the calling thread and those that it starts.
  /// Errors: EPERM without no_new_privs or CAP_SYS_ADMIN; E2BIG inside 16 such sets of rules.
  Result<void> enforce() const;

 private:
  FileRules(Fd rules, uint64_t handled) : rules_(std::move(rules)), handled_(handled) {}

  Fd rules_;
  uint64_t handled_;  // LANDLOCK_ACCESS_FS_* that this kernel knows
};

}  // namespace wolffia::sys
