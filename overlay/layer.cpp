// SPDX-License-Identifier: Apache-2.0
#include "overlay/layer.hpp"

#include <fcntl.h>

#include "overlay/forced.hpp"
#include "sys/data.hpp"
#include "sys/directory.hpp"
#include "sys/file_at.hpp"

namespace wolffia::overlay {
namespace {

class HostContent : public Content {
 public:
  explicit HostContent(sys::Fd file) : file_(std::move(file)) {}
  Result<size_t> read(uint64_t offset, std::span<char> into) const override {
    return sys::read_at(file_, into, offset);
  }
  const sys::Fd* file() const override { return &file_; }
  Result<uint64_t> seek(uint64_t offset, int whence) const override {
    return sys::seek(file_, offset, whence);
  }

 private:
  sys::Fd file_;
};

class HostDirectory : public LayerDir {
 public:
  explicit HostDirectory(sys::Fd fd) : fd_(std::move(fd)) {}

  Result<struct stat> status(const char* name) const override { return sys::stat_of({fd_, name}); }
  Result<LayerDirPtr> directory(const char* name) const override {
    return host_directory(TRY(sys::open_again({fd_, name}, O_PATH | O_DIRECTORY)));
  }
  Result<void> list(const std::function<bool(const Entry&)>& visit) const override {
    sys::EntryReader reader(TRY(open_unseen({fd_, "."}, O_RDONLY | O_DIRECTORY)));
    sys::RawEntry raw;
    while (TRY(reader.next(raw)))
      if (!visit({raw.name, raw.inode, raw.type})) break;
    return {};
  }
  Result<std::string> link_text(const char* name) const override {
    return sys::read_symlink(fd_, name);
  }
  Result<std::string> attribute(const char* name, const char* key) const override {
    return sys::attribute_of({fd_, name}, key);
  }
  Result<std::vector<std::string>> attribute_names(const char* name) const override {
    return sys::attribute_names_of({fd_, name});
  }
  Result<std::unique_ptr<Content>> open(const char* name) const override {
    // Whatever is put there meanwhile, a FIFO must not hold a thread.
    return host_content(TRY(open_unseen({fd_, name}, O_RDONLY | O_NONBLOCK | O_NOCTTY)));
  }
  Result<struct statvfs> filesystem() const override { return sys::filesystem_status(fd_); }
  const sys::Fd* fd() const override { return &fd_; }

 private:
  sys::Fd fd_;
};

}  // namespace

LayerDirPtr host_directory(sys::Fd fd) {
  return std::make_shared<HostDirectory>(std::move(fd));
}

std::unique_ptr<Content> host_content(sys::Fd file) {
  return std::make_unique<HostContent>(std::move(file));
}

}  // namespace wolffia::overlay
