// SPDX-License-Identifier: Apache-2.0
#include "image/local/layout.hpp"

#include <algorithm>

#include "base/quote.hpp"
#include "image/layer/hash.hpp"
#include "image/local/layout_parts.hpp"
#include "image/reference.hpp"
#include "json/field.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image {
namespace {

/// "a", "b": what a person can choose from; at most ten.
std::string tags_of(const oci::Index& index) {
  std::string list;
  size_t named = 0;
  for (const oci::Descriptor& entry : index.manifests) {
    const std::string tag = tag_of(entry);
    if (tag.empty() || named++ == 10) continue;
    list += cat(list.empty() ? "" : ", ", quoted(tag));
  }
  return list.empty() ? "none has a tag" : cat("there are ", list);
}

class Layout : public Source {
 public:
  Layout(std::shared_ptr<const FileSet> files, oci::Descriptor top, std::string name)
      : files_(std::move(files)), top_(std::move(top)), name_(std::move(name)) {}

  Result<RawManifest> top() override { return manifest(top_); }

  Result<RawManifest> manifest(const oci::Descriptor& wanted) override {
    const std::string path = blob_path(wanted.digest);
    const FileRange range = TRY(files_->find(path), name_);
    std::string bytes = TRY(read_range(range, oci::kManifestLimit), name_, ": ", path);
    if (bytes.size() != wanted.size || digest_of(bytes, wanted.digest.algorithm()) != wanted.digest)
      return Error::because(EINVAL, cat(name_, ": ", path, " is not what its digest says"));
    return RawManifest{std::move(bytes), wanted.media_type, wanted.digest};
  }

  Result<void> blob(const oci::Descriptor& wanted, uint64_t offset, const Sink& sink) override {
    const FileRange range = TRY(files_->find(blob_path(wanted.digest)), name_);
    if (range.size > wanted.size)
      return Error::because(EINVAL, cat(name_, ": blob ", wanted.digest.text(),
                                        " is longer than its descriptor says"));
    return send_range(range, offset, sink);
  }

  std::string name() const override { return name_; }

 private:
  std::shared_ptr<const FileSet> files_;
  oci::Descriptor top_;
  std::string name_;
};

/// Errors: EINVAL for a version we do not know. Source: image-spec image-layout.md, "oci-layout
/// file".
Result<void> check_version(const FileSet& files) {
  constexpr size_t kLimit = 4096;
  const FileRange range = TRY(files.find("oci-layout"), "this is no OCI layout");
  const json::Document document =
      TRY(json::Document::parse(TRY(read_range(range, kLimit), "oci-layout"), "oci-layout"));
  const json::Object root = TRY(document.root().as<json::Object>());
  const std::string version = TRY(root.get<std::string>("imageLayoutVersion"));
  if (!version.starts_with("1.")) return root.invalid("imageLayoutVersion", "must be 1.0.0");
  return {};
}

Result<oci::Index> read_layout(const FileSet& files, const std::string& name) {
  TRY(check_version(files), name);
  const FileRange range = TRY(files.find("index.json"), name);
  std::string text = TRY(read_range(range, oci::kManifestLimit), name, ": index.json");
  return TRY(oci::parse_index(std::move(text), oci::media_type::kIndex, "index.json"), name);
}

/// What containerd, and Docker with its store, call an image in full.
constexpr std::string_view kContainerdName = "io.containerd.image.name";

std::string full_name(const oci::Descriptor& entry) {
  for (const auto& [key, value] : entry.annotations)
    if (key == kContainerdName) return value;
  const std::string tag = tag_of(entry);
  return tag.empty() || has_host(tag) ? tag : cat("localhost/", tag);
}

Result<oci::Descriptor> choose(const oci::Index& index, std::string_view tag,
                               std::string_view name) {
  if (tag.empty()) {
    if (index.manifests.size() == 1) return index.manifests[0];
    return Error::because(
        EINVAL, cat(name, " has ", index.manifests.size(), " images: add :TAG; ", tags_of(index)));
  }
  for (const oci::Descriptor& entry : index.manifests)
    if (tag_of(entry) == tag || entry.digest.text() == tag) return entry;
  return Error::because(ENOENT, cat(name, " has no image ", quoted(tag), ": ", tags_of(index)));
}

}  // namespace

Result<std::unique_ptr<Source>> open_layout(std::shared_ptr<const FileSet> files,
                                            std::string_view tag, std::string name) {
  const oci::Index index = TRY(read_layout(*files, name));
  oci::Descriptor top = TRY(choose(index, tag, name));
  return std::unique_ptr<Source>(
      std::make_unique<Layout>(std::move(files), std::move(top), std::move(name)));
}

Result<std::vector<NamedImage>> open_layout_images(const std::shared_ptr<const FileSet>& files,
                                                   const std::string& name) {
  const oci::Index index = TRY(read_layout(*files, name));
  if (index.manifests.size() > kMostImages)
    return Error::because(E2BIG, cat(name, " has more than ", kMostImages, " images"));
  std::vector<NamedImage> images;
  for (const oci::Descriptor& entry : index.manifests) {
    NamedImage image{.source = std::make_unique<Layout>(files, entry, name), .names = {}};
    if (std::string full = full_name(entry); !full.empty()) image.names.push_back(std::move(full));
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace wolffia::image
