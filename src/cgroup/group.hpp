// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cgroup/hierarchy.hpp"
#include "sys/fd.hpp"

namespace wolffia::cgroup {

/// One cgroup, held by its directory.
class Group {
 public:
  /// Errors: ENOENT.
  static Result<Group> open(const Hierarchy& hierarchy, std::string path);

  const std::string& path() const { return path_; }
  const sys::Fd& directory() const { return directory_; }

  /// The text of one of its files, without the last newline. Errors: ENOENT where the kernel has no
  /// such file or the controller is not enabled.
  Result<std::string> read(const std::string& file) const;
  Result<void> write(const std::string& file, std::string_view value) const;
  /// The value of `key` in a file of lines "KEY NUMBER". Errors: as read(); ENOENT for no such key.
  Result<uint64_t> number(const std::string& file, std::string_view key) const;

  /// Makes the cgroup `name` in it where that is not there yet.
  Result<Group> make_below(const std::string& name) const;
  /// Gives it to `uid`, with those of its files that the kernel has whom it is delegated to write.
  /// Source: cgroups(7), "Cgroups delegation"; /sys/kernel/cgroup/delegate, Linux 4.15.
  Result<void> give_to(uint32_t uid) const;

  /// Whether a process is in it or below.
  Result<bool> populated() const;
  /// Whether it was asked to be frozen, or one above it is.
  Result<bool> frozen() const;
  /// Every process in it and below, ascending.
  Result<std::vector<pid_t>> processes() const;

  /// Stops every process in it and below, and waits until all have. Errors: EBUSY when one does not
  /// within `patience`; then it is not frozen.
  Result<void> freeze(std::chrono::milliseconds patience) const;
  Result<void> thaw() const;
  /// Waits until no process is left in it. Errors: EBUSY when one is after `patience`.
  Result<void> drain(std::chrono::milliseconds patience) const;
  /// Kills every process in it and below and waits until they are gone. Frozen ones too.
  /// Source: cgroup.kill, Linux 5.14; before, a signal to each as long as there are any.
  Result<void> kill() const;

 private:
  Group(std::string path, sys::Fd directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}
  Result<void> await(std::string_view key, uint64_t value,
                     std::chrono::milliseconds patience) const;

  std::string path_;
  sys::Fd directory_;
};

/// Removes `path` with the cgroups below it, in none of which is a process. Nothing to remove is no
/// error. Errors: EBUSY.
Result<void> remove(const Hierarchy& hierarchy, const std::string& path);

}  // namespace wolffia::cgroup
