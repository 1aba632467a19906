// SPDX-License-Identifier: Apache-2.0
#include "image/local/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "sys/file.hpp"
#include "sys/path.hpp"

namespace wolffia::image {
namespace {

/// As large as a read gains from: more only fills the cache of the processor.
constexpr size_t kChunk = 256U << 10;

class DirectoryFiles : public FileSet {
 public:
  explicit DirectoryFiles(sys::Fd directory) : directory_(std::move(directory)) {}

  Result<FileRange> find(const std::string& path) const override {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
    sys::InRoot opened = TRY(sys::open_in_root(directory_, path.c_str(), kFlags), path);
    auto file = std::make_shared<const sys::Fd>(std::move(opened));
    const struct stat status = TRY(sys::stat_fd(*file));
    if (!S_ISREG(status.st_mode)) return Error::because(EINVAL, cat(path, " must be a file"));
    const auto size = static_cast<uint64_t>(status.st_size);
    return FileRange{.file = std::move(file), .offset = 0, .size = size};
  }

 private:
  sys::Fd directory_;
};

Result<size_t> read_some(const FileRange& range, uint64_t offset, std::span<std::byte> into) {
  const size_t wanted = std::min<uint64_t>(into.size(), range.size - offset);
  for (;;) {
    const ssize_t got =
        ::pread(range.file->get(), into.data(), wanted, static_cast<off_t>(range.offset + offset));
    if (got > 0) return static_cast<size_t>(got);
    if (got == 0) return Error::because(EIO, "the file became shorter while it was read");
    if (errno != EINTR) return Error::last("pread");
  }
}

}  // namespace

Result<std::unique_ptr<FileSet>> files_of_directory(const std::string& directory) {
  sys::Fd fd = TRY(sys::open_at(sys::cwd(), directory.c_str(), O_RDONLY | O_DIRECTORY), directory);
  return std::unique_ptr<FileSet>(std::make_unique<DirectoryFiles>(std::move(fd)));
}

Result<std::string> read_range(const FileRange& range, size_t limit) {
  if (range.size > limit)
    return Error::because(EFBIG, cat("must have at most ", limit, " bytes, and has ", range.size));
  std::string bytes;
  TRY(send_range(range, 0, [&](std::span<const std::byte> part) -> Result<void> {
    bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
    return {};
  }));
  return bytes;
}

Result<void> send_range(const FileRange& range, uint64_t offset, const Sink& sink) {
  std::vector<std::byte> buffer(std::min<uint64_t>(kChunk, range.size));
  while (offset < range.size) {
    const size_t got = TRY(read_some(range, offset, buffer));
    TRY(sink(std::span(buffer).first(got)));
    offset += got;
  }
  return {};
}

}  // namespace wolffia::image
