// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/inotify.h>

#include <cstdint>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::sys {

/// Tells that something happened to files, not what. Source: inotify(7).
class Inotify {
 public:
  /// Errors: EMFILE where the user has too many (fs.inotify.max_user_instances).
  static Result<Inotify> make();

  /// Readable when something did.
  const Fd& fd() const { return fd_; }
  /// Adds what the path leads to, for IN_* events; what is watched already stays.
  /// Errors: ENOENT, EACCES; ENOSPC where the user watches too much.
  Result<void> watch(const char* path, uint32_t events);
  /// Throws away what is to be read.
  void drain();

 private:
  explicit Inotify(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace wolffia::sys
