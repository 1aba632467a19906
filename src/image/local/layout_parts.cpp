// SPDX-License-Identifier: Apache-2.0
#include "image/local/layout_parts.hpp"

#include "oci/write_image.hpp"

namespace wolffia::image {
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
    oci::write_descriptor(out, entry);
  out.end_array().end_object();
  return std::move(out).take();
}

}  // namespace wolffia::image
