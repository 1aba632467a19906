// SPDX-License-Identifier: Apache-2.0
// Manifests and indexes, as any registry may send them.
#include <string>
#include <string_view>

#include "base/base64.hpp"
#include "fuzz/require.hpp"
#include "oci/parse_image.hpp"

namespace {

using namespace wolffia;
using fuzz::require;
using fuzz::require_sentence;

void check_descriptor(const oci::Descriptor& descriptor) {
  require(oci::Digest::parse(descriptor.digest.text()).operator bool());
  require(descriptor.digest.hex().find_first_not_of("0123456789abcdef") == std::string_view::npos);
  require(descriptor.size <= uint64_t{1} << 53);
  if (descriptor.data) require(descriptor.data->size() == descriptor.size);
}

/// No text is a manifest to one reader and an index to another.
void check_manifest(const std::string& text, std::string_view told) {
  const auto manifest = oci::parse_manifest(text, told, "m");
  const auto index = oci::parse_index(text, told, "m");
  require(!manifest || !index);
  if (!manifest) require_sentence(manifest.error());
  if (!index) require_sentence(index.error());
  if (manifest) {
    require(oci::is_manifest(manifest->media_type));
    require(*oci::body_media_type(text, told, "m") == manifest->media_type);
    check_descriptor(manifest->config);
    for (const oci::Descriptor& layer : manifest->layers)
      check_descriptor(layer);
    const auto image = oci::check_image(*manifest);
    if (!image) return require_sentence(image.error());
    require(manifest->layers.size() <= oci::kMaxLayers);
    for (const oci::Descriptor& layer : manifest->layers)
      require(oci::layer_compression(layer.media_type).operator bool());
  }
  if (index) {
    require(oci::is_index(index->media_type));
    require(index->manifests.size() <= oci::kMaxDescriptors);
    for (const oci::Descriptor& entry : index->manifests)
      check_descriptor(entry);
    const oci::Descriptor* const chosen = oci::choose_platform(*index, oci::own_platform());
    if (chosen) require(oci::is_manifest(chosen->media_type) || oci::is_index(chosen->media_type));
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  for (const std::string_view told :
       {std::string_view(), oci::media_type::kManifest, oci::media_type::kDockerList})
    check_manifest(text, told);
  if (const auto bytes = base64_decode(text); bytes) require(base64_encode(*bytes) == text);
  require(base64_decode(base64_encode(text)) == text);
  return 0;
}
