// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sqfs/io.h>

#include <optional>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// A file as libsquashfs writes and reads it again. It is called from one thread at a time.
class Output {
 public:
  /// `file` outlives it and is open for both.
  explicit Output(const sys::Fd& file);
  Output(const Output&) = delete;

  sqfs_file_t* get() { return &self_.file; }
  uint64_t size() const { return size_; }
  /// What libsquashfs's answer `code` to `doing` means: where it comes from this file, the reason.
  Error failure(int code, const char* doing) const;

 private:
  struct Self {
    sqfs_file_t file;  // the first member: what libsquashfs has is a pointer to it
    Output* output;
  };
  static Output& of(const sqfs_file_t* file);
  static int read(sqfs_file_t* file, sqfs_u64 at, void* buffer, size_t size) noexcept;
  static int write(sqfs_file_t* file, sqfs_u64 at, const void* buffer, size_t size) noexcept;
  static sqfs_u64 size_of(const sqfs_file_t* file) noexcept;
  static int truncate(sqfs_file_t* file, sqfs_u64 size) noexcept;
  int done(Result<void> result);

  Self self_{};
  const sys::Fd& file_;
  uint64_t size_ = 0;
  std::optional<Error> error_;  // the first one
};

}  // namespace wolffia::image
