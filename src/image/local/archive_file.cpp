// SPDX-License-Identifier: Apache-2.0
#include "image/local/archive_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/local/files.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

constexpr const char* kDoing = "writing the archive";

TarEntry entry_of(std::string name, uint64_t size) {
  TarEntry entry;
  entry.name = std::move(name);
  entry.mode = 0644;
  entry.size = size;
  return entry;
}

bool is_stream(const std::string& path) {
  const auto status = sys::stat_at(sys::cwd(), path.c_str());
  return status && !S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode);
}

}  // namespace

Result<std::unique_ptr<ArchiveFile>> ArchiveFile::create(const std::string& path, Late late) {
  if (is_stream(path))
    return to_stream(TRY(sys::open_at(sys::cwd(), path.c_str(), O_WRONLY), path), late);
  FilePlace place = TRY(place_of_file(path));
  std::unique_ptr<ArchiveFile> archive(
      new ArchiveFile(std::move(place.directory), std::move(place.name)));
  archive->made_.emplace(TRY(NewFile::make(archive->directory_, {}), path));
  archive->begin();
  return archive;
}

Result<std::unique_ptr<ArchiveFile>> ArchiveFile::to_stream(sys::Fd stream, Late late) {
  std::unique_ptr<ArchiveFile> archive(new ArchiveFile({}, {}));
  if (late == Late::Yes) {
    archive->plain_ = TRY(temporary_file());
    archive->stream_ = std::move(stream);
  } else {
    archive->plain_ = std::move(stream);
  }
  archive->begin();
  return archive;
}

void ArchiveFile::begin() {
  out_ = std::make_unique<FdSink>(file());
  writer_ = std::make_unique<TarWriter>(*out_);
}

Sink ArchiveFile::sink() {
  return [this](std::span<const std::byte> bytes) -> Result<void> {
    TRY(writer_->write(bytes), kDoing);
    return {};
  };
}

Result<void> ArchiveFile::add_directory(const std::string& name) {
  TarEntry entry = entry_of(name + "/", 0);
  entry.type = TarEntry::Type::Directory;
  entry.mode = 0755;
  TRY(writer_->add(entry), kDoing);
  return {};
}

Result<void> ArchiveFile::add_text(const std::string& name, std::string_view text) {
  return add(name, text.size(),
             [text](const Sink& sink) { return sink(std::as_bytes(std::span(text))); });
}

Result<void> ArchiveFile::add(const std::string& name, uint64_t size, const Fill& fill) {
  TRY(writer_->add(entry_of(name, size)), kDoing);
  return fill(sink());
}

Result<void> ArchiveFile::add_late(const FillAndName& fill) {
  TRY(writer_->add(entry_of("late", 0)), kDoing);
  const uint64_t start = writer_->written();
  std::string name = TRY(fill(sink()));
  const std::string header = late_header(entry_of(std::move(name), writer_->written() - start));
  const auto at = static_cast<off_t>(start - header.size());
  if (::pwrite(file().get(), header.data(), header.size(), at) !=
      static_cast<ssize_t>(header.size()))
    return Error::last("pwrite");
  return {};
}

Result<std::vector<Warning>> ArchiveFile::add_tree(const sys::Fd& tree,
                                                   const PackOptions& options) {
  return TRY(pack_entries(tree, *writer_, options)).warnings;
}

Result<void> ArchiveFile::close() {
  TRY(writer_->finish(), kDoing);
  if (made_) {
    TRY(sys::sync_file(made_->file()));
    return (*std::move(made_)).name(name_);
  }
  if (!stream_) return {};
  FileRange all{.file = std::make_shared<const sys::Fd>(std::move(plain_)),
                .size = writer_->written()};
  return send_range(all, 0, [&](std::span<const std::byte> bytes) {
    return sys::write_all(stream_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  });
}

}  // namespace wolffia::image
