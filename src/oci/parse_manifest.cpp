// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/base64.hpp"
#include "base/quote.hpp"
#include "json/field.hpp"
#include "oci/image_parts.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::oci {
namespace {

constexpr int64_t kMaxSize = int64_t{1} << 53;  // beyond it JSON's numbers are not exact

// Docker's image-manifest-v2-1; the second is signed.
constexpr std::array<std::string_view, 2> kSchema1{
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
};

// What servers say of any file: no statement about this one.
constexpr std::array<std::string_view, 4> kAnything{
    "",
    "application/json",
    "application/octet-stream",
    "text/plain",
};

template <class Words>
bool is_among(std::string_view word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Error schema_1() {
  return Error::because(ENOTSUP,
                        "an image of Docker's schema 1 is no longer read: push it anew with a "
                        "current docker or skopeo");
}

/// "application/json; charset=utf-8" without what follows the type. Source: RFC 9110, 8.3.1.
std::string_view without_parameters(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ')
    type.remove_suffix(1);
  return type;
}

/// One text read as an index by one program and as a manifest by the next would be two images of
/// one digest. Source: CVE-2021-41190.
Result<void> check_unambiguous(const json::Object& root, std::string_view type) {
  constexpr std::array<std::string_view, 3> kOfManifest{"config", "layers", "fsLayers"};
  const bool has_manifests = root.find("manifests").has_value();
  for (const std::string_view key : kOfManifest) {
    if (!root.find(key)) continue;
    if (has_manifests || is_index(type))
      return root.invalid(key, "must not be in an index (CVE-2021-41190)");
    if (key == "fsLayers" && is_manifest(type))
      return root.invalid(key, "must not be in a manifest of schema 2 (CVE-2021-41190)");
  }
  if (has_manifests && is_manifest(type))
    return root.invalid("manifests", "must not be in a manifest (CVE-2021-41190)");
  return {};
}

Result<std::string> type_of(const json::Object& root, std::string_view told) {
  told = without_parameters(told);
  std::string own;
  TRY(root.read("mediaType", own));
  std::string_view type = own;
  if (own.empty()) {
    type = told;
  } else if (own != told && !is_among(told, kAnything)) {
    return root.invalid("mediaType", cat("must be what it was announced as: ", quoted(own),
                                         " is not ", quoted(told)));
  }
  if (is_among(type, kSchema1) || (root.find("fsLayers") && !is_manifest(type))) return schema_1();
  if (is_among(type, kAnything))
    type = root.find("manifests") ? media_type::kIndex : media_type::kManifest;
  TRY(check_unambiguous(root, type));
  return std::string(type);
}

Result<void> check_schema(const json::Object& root) {
  const int64_t version = TRY(root.get<int64_t>("schemaVersion"));
  if (version == 1) return schema_1();
  if (version != 2) return root.invalid("schemaVersion", "must be 2");
  return {};
}

/// The bytes themselves. Their digest is for whoever can hash to check.
/// Source: image-spec descriptor.md, "Embedded Content".
Result<void> read_data(const json::Object& object, Descriptor& descriptor) {
  const std::optional<json::Field> field = object.find("data");
  if (!field) return {};
  auto data = base64_decode(TRY(field->as<std::string_view>()));
  if (!data) return field->invalid("must be base 64");
  if (data->size() != descriptor.size)
    return field->invalid(
        cat("must be ", descriptor.size, " bytes, as size says, and is ", data->size()));
  descriptor.data = std::move(data);
  return {};
}

Result<Descriptor> parse_descriptor(const json::Object& object) {
  std::string media_type = TRY(object.get<std::string>("mediaType"));
  const json::Field digest_field = TRY(object.get<json::Field>("digest"));
  Digest digest = TRY(parse_digest(digest_field));
  const auto size = static_cast<uint64_t>(TRY(object.get_integer("size", 0, kMaxSize)));
  Descriptor descriptor{.media_type = std::move(media_type),
                        .digest = std::move(digest),
                        .size = size,
                        .platform = {},
                        .annotations = {},
                        .artifact_type = {},
                        .urls = {},
                        .data = {}};
  TRY(object.read("annotations", descriptor.annotations));
  TRY(object.read("artifactType", descriptor.artifact_type));
  TRY(object.read("urls", descriptor.urls));
  if (const auto platform = object.find("platform"); platform) {
    const json::Object members = TRY(platform->as<json::Object>());
    descriptor.platform = TRY(parse_platform_object(members));
  }
  TRY(read_data(object, descriptor));
  return descriptor;
}

/// The array `key`; null is empty, as Go writes a list without items.
Result<std::vector<Descriptor>> parse_descriptors(const json::Object& root, std::string_view key) {
  std::vector<json::Object> items;
  TRY(root.read(key, items));
  if (items.size() > kMaxDescriptors)
    return root.invalid(key, cat("must have at most ", kMaxDescriptors, " entries"));
  std::vector<Descriptor> descriptors;
  descriptors.reserve(items.size());
  for (const json::Object& item : items)
    descriptors.push_back(TRY(parse_descriptor(item)));
  return descriptors;
}

Result<Manifest> parse_manifest_object(const json::Object& root, std::string_view told) {
  std::string type = TRY(type_of(root, told));
  if (!is_manifest(type))
    return Error::because(ENOTSUP, cat("is no manifest of an image but ", quoted(type)));
  TRY(check_schema(root));
  const json::Object config_members = TRY(root.get<json::Object>("config"));
  Descriptor config = TRY(parse_descriptor(config_members));
  auto layers = TRY(parse_descriptors(root, "layers"));
  Manifest manifest{.media_type = std::move(type),
                    .config = std::move(config),
                    .layers = std::move(layers),
                    .artifact_type = {},
                    .subject = {},
                    .annotations = {}};
  TRY(root.read("artifactType", manifest.artifact_type));
  TRY(root.read("annotations", manifest.annotations));
  if (const auto subject = root.find("subject"); subject) {
    const json::Object members = TRY(subject->as<json::Object>());
    manifest.subject = TRY(parse_descriptor(members));
  }
  return manifest;
}

Result<Index> parse_index_object(const json::Object& root, std::string_view told) {
  Index index;
  index.media_type = TRY(type_of(root, told));
  if (!is_index(index.media_type))
    return Error::because(ENOTSUP, cat("is no index but ", quoted(index.media_type)));
  TRY(check_schema(root));
  index.manifests = TRY(parse_descriptors(root, "manifests"));
  TRY(root.read("artifactType", index.artifact_type));
  TRY(root.read("annotations", index.annotations));
  return index;
}

}  // namespace

Result<json::Document> read_image_document(std::string text, std::string_view name) {
  if (text.size() > kManifestLimit)
    return Error::because(EFBIG, cat(name, " is larger than ", kManifestLimit, " bytes"));
  return json::Document::parse(std::move(text), name);
}

Result<Digest> parse_digest(const json::Field& field) {
  auto digest = Digest::parse(TRY(field.as<std::string_view>()));
  if (!digest) return std::move(digest).error().context(field.path());
  return digest;
}

Result<std::string> body_media_type(const std::string& text, std::string_view told,
                                    std::string_view name) {
  const json::Document document = TRY(read_image_document(text, name));
  const json::Object root = TRY(document.root().as<json::Object>());
  return TRY(type_of(root, told), name);
}

Result<Manifest> parse_manifest(std::string text, std::string_view told, std::string_view name) {
  const json::Document document = TRY(read_image_document(std::move(text), name));
  const json::Object root = TRY(document.root().as<json::Object>());
  return TRY(parse_manifest_object(root, told), name);
}

Result<Index> parse_index(std::string text, std::string_view told, std::string_view name) {
  const json::Document document = TRY(read_image_document(std::move(text), name));
  const json::Object root = TRY(document.root().as<json::Object>());
  return TRY(parse_index_object(root, told), name);
}

Result<void> check_image(const Manifest& manifest) {
  if (!is_image_config(manifest.config.media_type)) {
    const std::string& type =
        manifest.artifact_type.empty() ? manifest.config.media_type : manifest.artifact_type;
    return Error::because(ENOTSUP, cat("is an artifact, ", quoted(type), ", and no image to run"));
  }
  if (manifest.layers.size() > kMaxLayers)
    return Error::because(E2BIG, cat("has ", manifest.layers.size(), " layers: more than ",
                                     kMaxLayers, " cannot be mounted"));
  for (size_t i = 0; i < manifest.layers.size(); ++i)
    TRY(layer_compression(manifest.layers[i].media_type), "layers[", i, "]");
  return {};
}

Result<void> check_layers(const Manifest& manifest, const ImageConfig& config) {
  if (manifest.layers.size() == config.diff_ids.size()) return {};
  return Error::because(EINVAL, cat("rootfs.diff_ids has ", config.diff_ids.size(), " entries for ",
                                    manifest.layers.size(), " layers"));
}

}  // namespace wolffia::oci
