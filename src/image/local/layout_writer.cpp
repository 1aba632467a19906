// SPDX-License-Identifier: Apache-2.0
#include "image/local/layout_writer.hpp"

#include <fcntl.h>

#include "image/layer/checked.hpp"
#include "image/local/files.hpp"
#include "image/local/layout_parts.hpp"
#include "image/local/new_file.hpp"
#include "oci/parse_image.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

constexpr mode_t kDirectoryMode = 0755;

Result<void> make_missing(const sys::Fd& dir, const char* name) {
  const auto made = sys::make_directory(dir, name, kDirectoryMode);
  if (!made && !made.error().is(EEXIST)) return made.error();
  return {};
}

class LayoutWriter : public Destination {
 public:
  LayoutWriter(sys::Fd directory, std::string tag, std::string name)
      : directory_(std::move(directory)), tag_(std::move(tag)), name_(std::move(name)) {}

  Result<bool> has(const oci::Descriptor& blob) override {
    const auto status = sys::stat_at(directory_, blob_path(blob.digest).c_str());
    return status && static_cast<uint64_t>(status->st_size) == blob.size;
  }

  Result<void> put(const oci::Descriptor& blob, Source& source) override {
    TRY(make_directory_for(blob.digest));
    return place(blob_path(blob.digest), [&](const sys::Fd& file) {
      return send_checked(source, blob, [&](std::span<const std::byte> bytes) {
        return sys::write_all(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      });
    });
  }

  Result<void> put_manifest(const RawManifest& manifest) override {
    TRY(make_directory_for(manifest.digest));
    return place_text(blob_path(manifest.digest), manifest.bytes);
  }

  /// index.json is read and written here only, so what others added since is kept.
  Result<void> finish(const RawManifest& top) override {
    oci::Index index = TRY(read_index());
    add_to_index(index, top, tag_);
    TRY(place_text(std::string(kLayoutFile), kLayoutVersion));
    return place_text(std::string(kIndexFile), encode_index(index));
  }

  std::string name() const override { return name_; }

 private:
  /// Makes the file `path` of what `fill` writes, all of it or nothing.
  template <class Fill>
  Result<void> place(const std::string& path, const Fill& fill) const {
    NewFile made = TRY(NewFile::make(directory_, "blobs/"), name_);
    TRY(fill(made.file()));
    return std::move(made).name(path);
  }

  /// Few layouts have any digest but SHA-256.
  Result<void> make_directory_for(const oci::Digest& digest) const {
    if (digest.algorithm() == oci::Digest::Algorithm::Sha256) return {};
    return make_missing(directory_, "blobs/sha512");
  }

  Result<void> place_text(const std::string& path, std::string_view text) const {
    return place(path, [&](const sys::Fd& file) { return sys::write_all(file, text); });
  }

  Result<oci::Index> read_index() const {
    auto text = sys::read_file(directory_, kIndexFile.data(), oci::kManifestLimit);
    if (!text && text.error().is(ENOENT)) return oci::Index{};
    if (!text) return std::move(text).error().context(cat(name_, ": index.json"));
    return oci::parse_index(*std::move(text), oci::media_type::kIndex, cat(name_, ": index.json"));
  }

  sys::Fd directory_;
  std::string tag_;
  std::string name_;
};

}  // namespace

Result<std::unique_ptr<Destination>> write_layout(const std::string& directory, std::string tag,
                                                  std::string name) {
  TRY(make_missing(sys::cwd(), directory.c_str()), directory);
  sys::Fd fd = TRY(sys::open_at(sys::cwd(), directory.c_str(), O_RDONLY | O_DIRECTORY), directory);
  for (const char* below : {"blobs", "blobs/sha256"})
    TRY(make_missing(fd, below), directory, "/", below);
  return std::unique_ptr<Destination>(
      std::make_unique<LayoutWriter>(std::move(fd), std::move(tag), std::move(name)));
}

}  // namespace wolffia::image
