// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// Where a file is to be named.
struct FilePlace {
  sys::Fd directory;
  std::string name;
};
/// Of the file that stands at `path`, links followed. Errors: EISDIR; those of opening its
/// directory.
Result<FilePlace> place_of_file(const std::string& path);

/// A file that is being made, and has its name only when it is whole. Until then it has none at all
/// (O_TMPFILE), so that nothing is left of a process that is killed; on a file system without such
/// files its name begins with a dot and ends in ".part". Removed with its object unless it was
/// named.
class NewFile {
 public:
  /// `place` is where such a name would stand: the beginning of a path below `directory`, "blobs/".
  /// The mode is what the umask leaves of 0644. Precondition: `directory` outlives the object.
  static Result<NewFile> make(const sys::Fd& directory, const std::string& place);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  /// Open for reading and writing.
  const sys::Fd& file() const { return file_; }

  /// Gives it the name `path`, below the directory, in place of what had it.
  Result<void> name(const std::string& path) &&;

 private:
  NewFile(const sys::Fd& directory, sys::Fd file, std::string part, bool has_name)
      : directory_(&directory), file_(std::move(file)), part_(std::move(part)), named_(has_name) {}

  const sys::Fd* directory_;
  sys::Fd file_;
  std::string part_;  // the name it has meanwhile, or gets where another file is in its way
  bool named_;        // it has that name, to be removed
};

}  // namespace wolffia::image
