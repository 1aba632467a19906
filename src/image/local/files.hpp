// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "image/source.hpp"
#include "sys/fd.hpp"

/// The files of an image that lies on this machine: in a directory, or in a tar archive.
namespace wolffia::image {

/// `size` bytes from `offset` of an open file.
struct FileRange {
  std::shared_ptr<const sys::Fd> file;
  uint64_t offset = 0;
  uint64_t size = 0;
};

class FileSet {
 public:
  virtual ~FileSet() = default;
  /// The regular file at `path`, which is relative and without ".". Errors: ENOENT; EINVAL for any
  /// other kind of file. May be called by several threads at once.
  virtual Result<FileRange> find(const std::string& path) const = 0;
};

/// Links in `directory` are not followed: a layout has none.
Result<std::unique_ptr<FileSet>> files_of_directory(const std::string& directory);

/// A tar archive, which may be compressed as a whole: then, and where it comes from a pipe, it is
/// copied to a file without a name in $TMPDIR, else /var/tmp. A file is read from its start.
/// Errors: EINVAL, EIO where it is no archive, or not a whole one; ENOTSUP for another packing.
Result<std::unique_ptr<FileSet>> files_of_archive(const std::string& archive);
Result<std::unique_ptr<FileSet>> files_of_archive(sys::Fd archive);

/// A file that no other program sees, and that is gone with us: in $TMPDIR, else /var/tmp.
Result<sys::Fd> temporary_file();

/// Errors: EFBIG beyond `limit` bytes.
Result<std::string> read_range(const FileRange& range, size_t limit);

/// Passes the bytes from `offset` of the range on to `sink`.
Result<void> send_range(const FileRange& range, uint64_t offset, const Sink& sink);

}  // namespace wolffia::image
