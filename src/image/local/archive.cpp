// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <map>

#include "base/quote.hpp"
#include "image/layer/inflate.hpp"
#include "image/layer/peeked.hpp"
#include "image/layer/tar.hpp"
#include "image/layer/unpack.hpp"
#include "image/local/files.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

/// Far above any image: a layout has a file a blob.
constexpr size_t kMostFiles = 100'000;
/// As deep as links to links go in what `docker save` wrote.
constexpr int kMostLinks = 8;

/// "a/b" for "./a//b": names as a layout writes them, so that they can be looked up.
std::string plain_name(std::string_view name) {
  std::string plain;
  while (!name.empty()) {
    const size_t end = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, end);
    name.remove_prefix(std::min(end + 1, name.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      const size_t cut = plain.rfind('/');
      plain.resize(cut == std::string::npos ? 0 : cut);
    } else {
      plain += cat(plain.empty() ? "" : "/", part);
    }
  }
  return plain;
}

class ArchiveFiles : public FileSet {
 public:
  explicit ArchiveFiles(sys::Fd file) : file_(std::make_shared<const sys::Fd>(std::move(file))) {}

  /// Reads the archive once, to know where everything lies.
  Result<void> read_index() {
    TRY(sys::rewind(*file_));
    FdSource bytes(*file_);
    BufferedPieces pieces(bytes);
    TarReader reader(pieces);
    TarEntry entry;
    for (size_t count = 0; TRY(reader.next(entry)); ++count) {
      if (count == kMostFiles)
        return Error::because(E2BIG, cat("has more than ", kMostFiles, " files"));
      add(entry);
    }
    return {};
  }

  Result<FileRange> find(const std::string& path) const override {
    std::string name = path;
    for (int links = 0; links < kMostLinks; ++links) {
      if (const auto link = links_.find(name); link != links_.end()) {
        name = link->second;
        continue;
      }
      const auto file = files_.find(name);
      if (file == files_.end()) break;
      return FileRange{.file = file_, .offset = file->second.first, .size = file->second.second};
    }
    return Error::because(ENOENT, cat("has no file ", quoted(path)));
  }

 private:
  /// As with tar(1), the last of equal names counts.
  void add(const TarEntry& entry) {
    const std::string name = plain_name(entry.name);
    files_.erase(name);
    links_.erase(name);
    const size_t slash = name.rfind('/');
    const std::string directory = slash == std::string::npos ? "" : name.substr(0, slash + 1);
    switch (entry.type) {
      case TarEntry::Type::File:
        if (!entry.sparse) files_[name] = {entry.offset, entry.size};
        break;
      case TarEntry::Type::HardLink:
        links_[name] = plain_name(entry.link);
        break;
      case TarEntry::Type::Symlink:
        links_[name] = plain_name(cat(directory, entry.link));
        break;
      default:
        break;
    }
  }

  std::shared_ptr<const sys::Fd> file_;
  std::map<std::string, std::pair<uint64_t, uint64_t>> files_;  // offset and size
  std::map<std::string, std::string> links_;
};

/// All of `bytes`, unpacked, in a temporary file.
Result<sys::Fd> spooled(ByteSource& bytes, oci::Compression compression) {
  constexpr size_t kChunk = size_t{256} << 10;
  sys::Fd plain = TRY(temporary_file());
  const auto inflater = open_inflater(bytes, compression, {.ratio = UnpackLimits().ratio});
  std::vector<std::byte> buffer(kChunk);
  for (;;) {
    const size_t size = TRY(inflater->read(buffer));
    if (size == 0) return plain;
    TRY(sys::write_all(plain, {reinterpret_cast<const char*>(buffer.data()), size}),
        "unpacking it to a temporary file");
  }
}

}  // namespace

Result<sys::Fd> temporary_file() {
  const char* wanted = ::getenv("TMPDIR");
  const std::string directory = wanted && *wanted == '/' ? wanted : "/var/tmp";
  return TRY(sys::open_at(sys::cwd(), directory.c_str(), O_TMPFILE | O_RDWR, 0600),
             "a temporary file in ", directory, " (set TMPDIR to another)");
}

Result<std::unique_ptr<FileSet>> files_of_archive(sys::Fd archive) {
  const struct stat status = TRY(sys::stat_fd(archive));
  if (S_ISDIR(status.st_mode)) return Error::because(EISDIR, "must be an archive, not a directory");
  PeekedSource bytes(archive);
  const oci::Compression compression = TRY(bytes.compression());
  if (compression != oci::Compression::None || !S_ISREG(status.st_mode))
    archive = TRY(spooled(bytes, compression));
  auto files = std::make_unique<ArchiveFiles>(std::move(archive));
  TRY(files->read_index());
  return std::unique_ptr<FileSet>(std::move(files));
}

Result<std::unique_ptr<FileSet>> files_of_archive(const std::string& archive) {
  sys::Fd file = TRY(sys::open_at(sys::cwd(), archive.c_str(), O_RDONLY), archive);
  return TRY(files_of_archive(std::move(file)), archive);
}

}  // namespace wolffia::image
