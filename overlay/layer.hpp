// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// What a layer is to the merge: directories that are read by name. The upper layer and most lower
/// ones are directories of the host; an image file is read in process.
namespace wolffia::overlay {

/// The bytes of a regular file of a layer.
class Content {
 public:
  virtual ~Content() = default;
  /// Fewer than asked for only at the end of the file.
  virtual Result<size_t> read(uint64_t offset, std::span<char> into) const = 0;
  /// The same bytes where they lie in memory already, held while the result is; else null.
  struct View {
    std::shared_ptr<const void> held;
    std::span<const char> bytes;
  };
  virtual Result<View> view(uint64_t /*offset*/, size_t /*size*/) const { return View{}; }
  /// The file itself, where there is one to hand on; else null.
  virtual const sys::Fd* file() const { return nullptr; }
  /// SEEK_DATA or SEEK_HOLE. Errors: ENXIO behind the end.
  virtual Result<uint64_t> seek(uint64_t offset, int whence) const = 0;
};

/// What a directory says of an entry before it is looked at.
struct Entry {
  std::string_view name;
  uint64_t inode = 0;
  unsigned char type = 0;  // DT_*
};

class LayerDir;
using LayerDirPtr = std::shared_ptr<const LayerDir>;

/// One directory of one layer. An empty name is the directory itself; no name has a slash, none is
/// followed where it is a symbolic link. All errors are those of the system call that does the
/// same.
class LayerDir {
 public:
  virtual ~LayerDir() = default;
  virtual Result<struct stat> status(const char* name) const = 0;
  virtual Result<LayerDirPtr> directory(const char* name) const = 0;
  /// Ends early where `visit` returns false.
  virtual Result<void> list(const std::function<bool(const Entry&)>& visit) const = 0;
  virtual Result<std::string> link_text(const char* name) const = 0;
  virtual Result<std::string> attribute(const char* name, const char* key) const = 0;
  virtual Result<std::vector<std::string>> attribute_names(const char* name) const = 0;
  virtual Result<std::unique_ptr<Content>> open(const char* name) const = 0;
  /// What statvfs(3) says of where it lies.
  virtual Result<struct statvfs> filesystem() const = 0;
  /// The directory on the host, where it is one; else null.
  virtual const sys::Fd* fd() const { return nullptr; }
};

/// The directory of the host that `fd` (O_PATH) refers to.
LayerDirPtr host_directory(sys::Fd fd);

/// The file of the host that `file` refers to.
std::unique_ptr<Content> host_content(sys::Fd file);

}  // namespace wolffia::overlay
