// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "base/quote.hpp"
#include "image/layer/hash.hpp"
#include "image/local/layout.hpp"
#include "image/reference.hpp"
#include "json/field.hpp"
#include "oci/parse_image.hpp"
#include "oci/write_image.hpp"

namespace wolffia::image {
namespace {

constexpr std::string_view kType = oci::media_type::kDockerManifest;

/// One element of manifest.json.
struct Entry {
  std::string config;
  std::vector<std::string> tags;
  std::vector<std::string> layers;
};

Result<std::vector<Entry>> read_entries(const FileSet& files) {
  const FileRange range = TRY(files.find("manifest.json"), "this is no docker-archive");
  std::string text = TRY(read_range(range, oci::kManifestLimit), "manifest.json");
  const json::Document document = TRY(json::Document::parse(std::move(text), "manifest.json"));
  std::vector<Entry> entries;
  const auto objects = TRY(document.root().as<std::vector<json::Object>>());
  for (const json::Object& object : objects) {
    Entry entry;
    entry.config = TRY(object.get<std::string>("Config"));
    entry.layers = TRY(object.get<std::vector<std::string>>("Layers"));
    TRY(object.read("RepoTags", entry.tags));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<const Entry*> choose(const std::vector<Entry>& entries, std::string_view tag,
                            std::string_view name) {
  if (tag.empty() && entries.size() == 1) return &entries[0];
  std::string known;
  for (const Entry& entry : entries) {
    for (const std::string& one : entry.tags) {
      if (one == tag) return &entry;
      known += cat(known.empty() ? "" : ", ", quoted(one));
    }
  }
  if (tag.empty())
    return Error::because(
        EINVAL, cat(name, " has ", entries.size(), " images: add :NAME:TAG; there are ", known));
  return Error::because(ENOENT, cat(name, " has no image ", quoted(tag), ": there are ", known));
}

/// The files of the archive under the digests that a manifest names them by.
class DockerArchive : public Source {
 public:
  DockerArchive(std::shared_ptr<const FileSet> files, RawManifest manifest,
                std::map<oci::Digest, FileRange> blobs, std::string name)
      : files_(std::move(files)),
        manifest_(std::move(manifest)),
        blobs_(std::move(blobs)),
        name_(std::move(name)) {}

  Result<RawManifest> top() override { return manifest_; }

  Result<RawManifest> manifest(const oci::Descriptor& wanted) override {
    return Error::because(ENOENT, cat(name_, " has no manifest ", wanted.digest.text()));
  }

  Result<void> blob(const oci::Descriptor& wanted, uint64_t offset, const Sink& sink) override {
    const auto found = blobs_.find(wanted.digest);
    if (found == blobs_.end())
      return Error::because(ENOENT, cat(name_, " has no blob ", wanted.digest.text()));
    return send_range(found->second, offset, sink);
  }

  std::string name() const override { return name_; }

 private:
  std::shared_ptr<const FileSet> files_;
  RawManifest manifest_;
  std::map<oci::Digest, FileRange> blobs_;
  std::string name_;
};

Result<std::unique_ptr<Source>> open_entry(std::shared_ptr<const FileSet> files, const Entry& entry,
                                           std::string name) {
  const FileRange config_range = TRY(files->find(entry.config), name);
  const std::string config = TRY(read_range(config_range, oci::kManifestLimit), entry.config);
  const oci::ImageConfig parsed = TRY(oci::parse_image_config(config, entry.config), name);
  if (parsed.diff_ids.size() != entry.layers.size())
    return Error::because(EINVAL, cat(name, ": manifest.json names ", entry.layers.size(),
                                      " layers, and ", entry.config, " ", parsed.diff_ids.size()));
  const oci::Digest config_digest = digest_of(config);
  std::map<oci::Digest, FileRange> blobs{{config_digest, config_range}};
  std::vector<oci::Descriptor> layers;
  for (size_t i = 0; i < entry.layers.size(); ++i) {
    const FileRange range = TRY(files->find(entry.layers[i]), name);
    blobs.emplace(parsed.diff_ids[i], range);
    layers.push_back({.media_type = oci::layer_type(kType, oci::Packing::Plain),
                      .digest = parsed.diff_ids[i],
                      .size = range.size});
  }
  const oci::Descriptor config_blob{.media_type = std::string(oci::media_type::kDockerConfig),
                                    .digest = config_digest,
                                    .size = config.size()};
  std::string text = oci::write_manifest(kType, config_blob, layers);
  const oci::Digest digest = digest_of(text);
  RawManifest manifest{std::move(text), std::string(kType), digest};
  return std::unique_ptr<Source>(std::make_unique<DockerArchive>(
      std::move(files), std::move(manifest), std::move(blobs), std::move(name)));
}

}  // namespace

Result<std::unique_ptr<Source>> open_docker_archive(std::shared_ptr<const FileSet> files,
                                                    std::string_view tag, std::string name) {
  const std::vector<Entry> entries = TRY(read_entries(*files), name);
  const Entry* entry = TRY(choose(entries, tag, name));
  return open_entry(std::move(files), *entry, std::move(name));
}

Result<std::vector<NamedImage>> open_docker_images(const std::shared_ptr<const FileSet>& files,
                                                   const std::string& name) {
  const std::vector<Entry> entries = TRY(read_entries(*files), name);
  if (entries.size() > kMostImages)
    return Error::because(E2BIG, cat(name, " has more than ", kMostImages, " images"));
  std::vector<NamedImage> images;
  for (const Entry& entry : entries) {
    auto source = TRY(open_entry(files, entry, name));
    NamedImage image{.source = std::move(source), .names = {}};
    for (const std::string& tag : entry.tags)
      image.names.push_back(has_host(tag) ? tag : cat("docker.io/", tag));
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace wolffia::image
