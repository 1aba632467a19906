// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli::user {

/// Copies files between two directories, either of which a container may be changing meanwhile:
/// everything is named by one component in a directory that is held open, no link is followed, and
/// what a name turned out to be is looked at before it is read. What is made is the caller's;
/// contents, holes, modes and times are kept. Sockets, FIFOs and devices are left out. Hard links
/// become files of their own.
class TreeCopy {
 public:
  /// Of each mode the bits in `kept`.
  explicit TreeCopy(mode_t kept) : kept_(kept) {}

  /// All that is in `from` into `to`; directories of the same name are merged, files of
  /// the same name written over. Errors: EEXIST, ENOTDIR where a directory meets something else;
  /// EINVAL when `to` lies below `from`; ELOOP beyond 250 directories.
  Result<void> contents(const sys::Fd& from, const sys::Fd& to);

  /// The directory `from` as the entry `name` of `to`. Errors: as contents().
  Result<void> directory(const sys::Fd& from, const sys::Fd& to, const std::string& name);

  /// The regular file `from` as the entry `name` of `to`, over the file or link of that name.
  Result<void> file(const sys::Fd& from, const sys::Fd& to, const std::string& name);

  /// The regular file `from` over the contents of the regular file `to`.
  /// Errors: EINVAL when both are the same.
  Result<void> over(const sys::Fd& from, const sys::Fd& to);

  /// What was left out, at most 20 of them.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  Result<void> entries(const sys::Fd& from, const sys::Fd& to, const std::string& path, int depth);
  Result<void> entry(const sys::Fd& from, const sys::Fd& to, const std::string& name,
                     const std::string& path, int depth);
  Result<void> subdirectory(const sys::Fd& from, const sys::Fd& to, const std::string& name,
                            const std::string& path, int depth);
  static Result<void> link(const sys::Fd& from, const sys::Fd& to, const std::string& name);
  Result<void> fill(const sys::Fd& from, const sys::Fd& to);
  Result<void> into(const sys::Fd& directory);

  mode_t kept_;
  std::optional<std::pair<dev_t, ino_t>> target_;  // the topmost directory that is written to
  std::vector<std::string> left_out_;
};

}  // namespace wolffia::cli::user
