// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::container {

/// Hands the container's or process's pidfd to whoever listens at `socket_path`, with the name that
/// runc sends; an empty path: nobody asked.
Result<void> send_pidfd(const char* asked_by, const std::string& socket_path,
                        const sys::PidFd& process);

/// The file that tells a caller the container's pid: bare digits, no line end, all or nothing.
/// Destroyed before keep(), it is removed.
class PidFile {
 public:
  /// `path` is relative to the caller's working directory; empty: no file is written.
  static Result<PidFile> write(const std::string& path, pid_t pid);
  PidFile() = default;  // no file
  PidFile(PidFile&& other) noexcept = default;
  PidFile& operator=(PidFile&& other) noexcept;
  ~PidFile();
  void keep() { directory_.reset(); }

 private:
  sys::Fd directory_;  // empty: kept, or there is no file
  std::string name_;
};

}  // namespace wolffia::container
