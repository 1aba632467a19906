// SPDX-License-Identifier: Apache-2.0
#include "image/local/layout_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "image/layer/checked.hpp"
#include "image/local/files.hpp"
#include "image/local/layout_parts.hpp"
#include "json/writer.hpp"
#include "oci/parse_image.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

constexpr mode_t kDirectoryMode = 0755;

void write_platform(json::Writer& out, const oci::Platform& platform) {
  out.key("platform").begin_object().member("architecture", platform.architecture);
  out.member("os", platform.os);
  if (!platform.os_version.empty()) out.member("os.version", platform.os_version);
  if (!platform.variant.empty()) out.member("variant", platform.variant);
  out.end_object();
}

void write_entry(json::Writer& out, const oci::Descriptor& entry) {
  out.begin_object().member("mediaType", entry.media_type);
  out.member("digest", entry.digest.text()).member("size", entry.size);
  if (!entry.artifact_type.empty()) out.member("artifactType", entry.artifact_type);
  if (entry.platform) write_platform(out, *entry.platform);
  if (!entry.annotations.empty()) {
    out.key("annotations").begin_object();
    for (const auto& [key, value] : entry.annotations)
      out.member(key, value);
    out.end_object();
  }
  out.end_object();
}

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
    std::erase_if(index.manifests, [&](const oci::Descriptor& entry) {
      return tag_.empty() ? entry.digest == top.digest && tag_of(entry).empty()
                          : tag_of(entry) == tag_;
    });
    oci::Descriptor entry{
        .media_type = top.media_type, .digest = top.digest, .size = top.bytes.size()};
    if (!tag_.empty()) entry.annotations.emplace_back(kTagAnnotation, tag_);
    index.manifests.push_back(std::move(entry));
    json::Writer out;
    out.begin_object().member("schemaVersion", 2).member("mediaType", oci::media_type::kIndex);
    out.key("manifests").begin_array();
    for (const oci::Descriptor& one : index.manifests)
      write_entry(out, one);
    out.end_array().end_object();
    TRY(place_text("oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
    return place_text("index.json", std::move(out).take());
  }

  std::string name() const override { return name_; }

 private:
  /// Makes the file `path` of what `fill` writes, all of it or nothing. Users share layouts: the
  /// mode is what the umask leaves of 0644.
  template <class Fill>
  Result<void> place(const std::string& path, const Fill& fill) const {
    const std::string temporary = cat("blobs/.", ::getpid(), ".part");
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
    const sys::Fd file = TRY(sys::open_at(directory_, temporary.c_str(), kFlags, 0644), name_);
    auto done = fill(file);
    if (done) done = sys::rename_entry(directory_, temporary.c_str(), path.c_str());
    if (!done) (void)sys::remove_entry(directory_, temporary.c_str());  // the first failure counts
    return done;
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
    auto text = sys::read_file(directory_, "index.json", oci::kManifestLimit);
    if (!text && text.error().is(ENOENT)) return oci::Index{};
    if (!text) return std::move(text).error().context(cat(name_, ": index.json"));
    return oci::parse_index(*std::move(text), oci::media_type::kIndex, cat(name_, ": index.json"));
  }

  sys::Fd directory_;
  std::string tag_;
  std::string name_;
};

}  // namespace

std::string blob_path(const oci::Digest& digest) {
  const bool is_sha256 = digest.algorithm() == oci::Digest::Algorithm::Sha256;
  return cat("blobs/", is_sha256 ? "sha256/" : "sha512/", digest.hex());
}

std::string tag_of(const oci::Descriptor& entry) {
  for (const auto& [key, value] : entry.annotations)
    if (key == kTagAnnotation) return value;
  return {};
}

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
