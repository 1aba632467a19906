// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>
#include <set>

#include "image/layer/checked.hpp"
#include "image/layer/inflate.hpp"
#include "image/layer/pump.hpp"
#include "image/local/archive_writer.hpp"
#include "json/writer.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image {
namespace {

/// One element of manifest.json.
struct Saved {
  oci::Digest config;
  std::vector<std::string> names;
  std::vector<oci::Digest> diff_ids;
};

/// Docker knows no name without a tag, and none with a digest.
std::optional<std::string> name_with_tag(const std::string& name) {
  if (name.empty() || name.find('@') != std::string::npos) return {};
  const size_t slash = name.rfind('/');
  const bool has_tag = name.find(':', slash == std::string::npos ? 0 : slash) != std::string::npos;
  return has_tag ? name : cat(name, ":latest");
}

class DockerArchiveWriter : public ImageArchive {
 public:
  DockerArchiveWriter(std::unique_ptr<ArchiveFile> file, std::string name)
      : file_(std::move(file)), name_(std::move(name)) {}

  void name_next(std::vector<std::string> names) override { names_ = std::move(names); }

  Result<bool> has(const oci::Descriptor& blob) override {
    return oci::is_image_config(blob.media_type) ? configs_.contains(blob.digest)
                                                 : diff_ids_.contains(blob.digest);
  }

  Result<void> put(const oci::Descriptor& blob, Source& source) override {
    return oci::is_image_config(blob.media_type) ? put_config(blob, source)
                                                 : put_layer(blob, source);
  }

  /// There is no such thing in the archive: what it says is held against what was written.
  Result<void> put_manifest(const RawManifest& raw) override {
    if (oci::is_index(raw.media_type))
      return Error::because(EINVAL, cat(name_, " takes the image of one platform, and no index"));
    const oci::Manifest manifest = TRY(oci::parse_manifest(raw.bytes, raw.media_type, name_));
    TRY(oci::check_image(manifest), name_);
    const auto config = TRY(
        oci::parse_image_config(configs_.at(manifest.config.digest), "the image's config"), name_);
    TRY(oci::check_layers(manifest, config), name_);
    for (size_t i = 0; i < manifest.layers.size(); ++i) {
      const oci::Digest& layer = manifest.layers[i].digest;
      const oci::Digest& real = diff_ids_.at(layer);
      if (real == config.diff_ids[i]) continue;
      return Error::because(EINVAL,
                            cat("layer ", layer.text(), " unpacks to ", real.text(),
                                ", but the image's config says ", config.diff_ids[i].text()));
    }
    next_.emplace(Saved{manifest.config.digest, {}, config.diff_ids});
    return {};
  }

  Result<void> finish(const RawManifest& /*top*/) override {
    for (const std::string& name : names_)
      if (auto tagged = name_with_tag(name)) take_name(*std::move(tagged));
    names_.clear();
    saved_.push_back(*std::move(next_));
    next_.reset();
    return {};
  }

  Result<void> close() override {
    TRY(file_->add_text("manifest.json", manifest_text()), name_);
    TRY(file_->close(), name_);
    return {};
  }

  std::string name() const override { return name_; }

 private:
  Result<void> put_config(const oci::Descriptor& blob, Source& source) {
    std::string text;
    TRY(send_checked(source, blob, [&](std::span<const std::byte> bytes) -> Result<void> {
      if (text.size() + bytes.size() > oci::kManifestLimit)
        return Error::because(EFBIG, "the image's config is too large");
      text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    }));
    TRY(file_->add_text(cat(blob.digest.hex(), ".json"), text));
    configs_.emplace(blob.digest, std::move(text));
    return {};
  }

  /// A layer is called by its diffID, which nobody knows before it is decompressed.
  Result<void> put_layer(const oci::Descriptor& blob, Source& source) {
    const oci::Compression compression = TRY(oci::layer_compression(blob.media_type));
    return file_->add_late([&](const Sink& sink) -> Result<std::string> {
      constexpr size_t kChunk = size_t{256} << 10;
      BlobBytes packed(source, blob);
      const auto bytes = open_inflater(packed, compression);
      Hasher hasher;
      std::vector<std::byte> buffer(kChunk);
      while (const size_t size = TRY(bytes->read(buffer))) {
        hasher.add(std::span(buffer).first(size));
        TRY(sink(std::span(buffer).first(size)));
      }
      TRY(packed.finish());
      const oci::Digest diff_id = hasher.finish();
      diff_ids_.emplace(blob.digest, diff_id);
      return cat(diff_id.hex(), ".tar");
    });
  }

  /// A name is one image's: the last one's.
  void take_name(std::string name) {
    for (Saved& other : saved_)
      std::erase(other.names, name);
    next_->names.push_back(std::move(name));
  }

  std::string manifest_text() const {
    json::Writer out;
    out.begin_array();
    for (const Saved& image : saved_) {
      std::vector<std::string> layers;
      for (const oci::Digest& diff_id : image.diff_ids)
        layers.push_back(cat(diff_id.hex(), ".tar"));
      out.begin_object().member("Config", cat(image.config.hex(), ".json"));
      out.member("RepoTags", image.names).member("Layers", layers).end_object();
    }
    out.end_array();
    return std::move(out).take();
  }

  std::unique_ptr<ArchiveFile> file_;
  std::string name_;
  std::vector<std::string> names_;  // of the next image
  std::optional<Saved> next_;       // put, and not finished
  std::vector<Saved> saved_;
  std::map<oci::Digest, std::string> configs_;   // their bytes
  std::map<oci::Digest, oci::Digest> diff_ids_;  // by the digest of the blob
};

}  // namespace

std::unique_ptr<ImageArchive> write_docker_archive(std::unique_ptr<ArchiveFile> file,
                                                   std::string name) {
  return std::make_unique<DockerArchiveWriter>(std::move(file), std::move(name));
}

}  // namespace wolffia::image
