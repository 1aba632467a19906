// SPDX-License-Identifier: Apache-2.0
#include "image/local/layout_parts.hpp"

#include "json/writer.hpp"

namespace wolffia::image {
namespace {

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

void add_to_index(oci::Index& index, const RawManifest& top, const std::string& tag) {
  std::erase_if(index.manifests, [&](const oci::Descriptor& entry) {
    return tag.empty() ? entry.digest == top.digest && tag_of(entry).empty() : tag_of(entry) == tag;
  });
  oci::Descriptor entry{
      .media_type = top.media_type, .digest = top.digest, .size = top.bytes.size()};
  if (!tag.empty()) entry.annotations.emplace_back(kTagAnnotation, tag);
  index.manifests.push_back(std::move(entry));
}

std::string encode_index(const oci::Index& index) {
  json::Writer out;
  out.begin_object().member("schemaVersion", 2).member("mediaType", oci::media_type::kIndex);
  out.key("manifests").begin_array();
  for (const oci::Descriptor& entry : index.manifests)
    write_entry(out, entry);
  out.end_array().end_object();
  return std::move(out).take();
}

}  // namespace wolffia::image
