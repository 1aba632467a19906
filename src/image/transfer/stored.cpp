// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/stored.hpp"

#include <fcntl.h>

#include <array>
#include <map>

#include "image/layer/hash.hpp"
#include "image/layer/pack.hpp"
#include "image/local/files.hpp"
#include "image/space.hpp"
#include "json/edit.hpp"
#include "oci/parse_image.hpp"
#include "oci/write_image.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

Result<FileRange> whole(sys::Fd file) {
  const auto size = static_cast<uint64_t>(TRY(sys::stat_fd(file)).st_size);
  return FileRange{
      .file = std::make_shared<const sys::Fd>(std::move(file)), .offset = 0, .size = size};
}

/// What was found or made, under the digests that the manifest names.
class StoredSource : public Source {
 public:
  StoredSource(RawManifest manifest, std::string config, std::map<oci::Digest, FileRange> layers,
               std::string name)
      : manifest_(std::move(manifest)),
        config_(std::move(config)),
        config_digest_(digest_of(config_)),
        layers_(std::move(layers)),
        name_(std::move(name)) {}

  Result<RawManifest> top() override { return manifest_; }

  Result<RawManifest> manifest(const oci::Descriptor& wanted) override {
    return Error::because(ENOENT, cat(name_, " has no manifest ", wanted.digest.text()));
  }

  Result<void> blob(const oci::Descriptor& wanted, uint64_t offset, const Sink& sink) override {
    if (const auto layer = layers_.find(wanted.digest); layer != layers_.end())
      return send_range(layer->second, offset, sink);
    if (!holds_config(wanted.digest))
      return Error::because(ENOENT, cat(name_, ": the store has no blob ", wanted.digest.text()));
    const auto bytes = std::as_bytes(std::span(config_));
    return sink(bytes.subspan(std::min<uint64_t>(offset, bytes.size())));
  }

  std::string name() const override { return name_; }

 private:
  bool holds_config(const oci::Digest& wanted) const {
    return wanted == config_digest_ || wanted == digest_of(config_, wanted.algorithm());
  }

  RawManifest manifest_;
  std::string config_;
  oci::Digest config_digest_;
  std::map<oci::Digest, FileRange> layers_;
  std::string name_;
};

/// Looks at one layer after the other, and packs those that there is no other way for.
class Export {
 public:
  Export(const StoredMeans& means, std::string name, Destination& to)
      : means_(means), name_(std::move(name)), to_(to) {}

  Result<std::unique_ptr<Source>> run(const oci::Digest& digest) {
    TRY(read(digest));
    for (size_t i = 0; i < manifest_->layers.size(); ++i)
      TRY(find_layer(i));
    if (packed_ > 0) TRY(rewrite());
    return std::unique_ptr<Source>(std::make_unique<StoredSource>(
        *std::move(raw_), std::move(config_text_), std::move(layers_), std::move(name_)));
  }

 private:
  Result<void> read(const oci::Digest& digest) {
    auto image = TRY(means_.store.find_id(digest.text(), means_.owners), name_);
    if (!image) return Error::because(ENOENT, cat(name_, " was not unpacked for this user's ids"));
    image_ = std::move(image);
    std::string bytes = TRY(means_.store.manifest_bytes(digest));
    std::string type = TRY(oci::body_media_type(bytes, {}, name_));
    manifest_ = TRY(oci::parse_manifest(bytes, type, name_));
    config_text_ = TRY(means_.store.config_bytes(digest));
    TRY(oci::check_layers(*manifest_, image_->config), name_);
    raw_.emplace(RawManifest{std::move(bytes), std::move(type), digest});
    return {};
  }

  Result<void> find_layer(size_t i) {
    const oci::Descriptor& blob = manifest_->layers[i];
    below_ = chain_id(below_, image_->config.diff_ids[i]);
    if (layers_.contains(blob.digest)) return {};
    if (auto kept = TRY(open_blob(means_.store, blob.digest))) {
      layers_.emplace(blob.digest, TRY(whole(*std::move(kept))));
      return {};
    }
    if (TRY(to_.has(blob), to_.name())) return {};
    return pack_layer(i);
  }

  Result<void> pack_layer(size_t i) {
    if (packed_ == 0) TRY(check_space(means_.store, image_->size));
    const sys::Fd tree = TRY(open_tree(image_->config.diff_ids[i]));
    sys::Fd file = TRY(new_file());
    PackOptions options;
    options.from = PackFrom::Upper;
    options.owners = means_.owners == kOneOwner ? Owners::Caller : Owners::Archive;
    oci::Descriptor& blob = manifest_->layers[i];
    means_.progress.note(cat("packing layer ", blob.digest.hex().substr(0, 12)));
    const Packed packed = TRY(pack(tree, file, options), name_, ": layer ", blob.digest.text());
    tell(means_.progress, packed.warnings, &blob.digest);
    ++packed_;
    blob = {.media_type = oci::layer_type(raw_->media_type, oci::Packing::Gzip),
            .digest = packed.digest,
            .size = packed.size};
    image_->config.diff_ids[i] = packed.diff_id;
    layers_.emplace(packed.digest, TRY(whole(std::move(file))));
    return {};
  }

  /// Its key is the diffID or, where the tree depends on those below, the chainID.
  Result<sys::Fd> open_tree(const oci::Digest& diff_id) const {
    for (const std::string& path : image_->layers)
      for (const std::string_view key : {diff_id.hex(), below_->hex()})
        if (path.ends_with(cat("/", key, "/tree")))
          return TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_DIRECTORY), path);
    return Error::because(ENOENT, cat(name_, " has no tree of layer ", diff_id.text()));
  }

  /// Without a name as soon as it is open, and gone with its descriptor.
  Result<sys::Fd> new_file() const {
    const Staged staged = TRY(means_.writer.stage());
    return sys::open_at(staged.directory(), "packed", O_RDWR | O_CREAT | O_EXCL, 0600);
  }

  Result<void> rewrite() {
    const std::array rootfs{json::Member("rootfs", oci::write_rootfs(image_->config.diff_ids))};
    config_text_ = TRY(json::with_members(config_text_, rootfs, "the image's config"));
    oci::Descriptor config = manifest_->config;
    config.digest = digest_of(config_text_);
    config.size = config_text_.size();
    const oci::Digest before = raw_->digest;
    raw_->bytes = TRY(oci::edit_manifest(raw_->bytes, config, manifest_->layers));
    raw_->digest = digest_of(raw_->bytes);
    if (raw_->digest == before) return {};  // our own packing, made again
    means_.progress.note(
        cat(name_, " is ", raw_->digest.text(), " there, and not ", before.text(), ": ", packed_,
            packed_ == 1 ? " layer was" : " layers were",
            " packed anew (to move it unchanged, pull it with --keep-blobs, or use "
            "wolffia-image copy)"));
    return {};
  }

  const StoredMeans& means_;
  std::string name_;
  Destination& to_;
  std::optional<StoredImage> image_;
  std::optional<oci::Manifest> manifest_;
  std::optional<RawManifest> raw_;
  std::string config_text_;
  std::map<oci::Digest, FileRange> layers_;
  std::optional<oci::Digest> below_;  // the chainID so far
  size_t packed_ = 0;
};

}  // namespace

Result<std::unique_ptr<Source>> open_stored(const StoredMeans& means, const oci::Digest& manifest,
                                            std::string name, Destination& to) {
  return Export(means, std::move(name), to).run(manifest);
}

}  // namespace wolffia::image
