// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/resolve.hpp"

#include "base/quote.hpp"
#include "image/layer/checked.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image {
namespace {

/// As deep as real images nest their indexes, and some more.
constexpr int kMaxIndexes = 4;

Error no_such_platform(const oci::Index& index, const oci::Platform& wanted,
                       std::string_view name) {
  std::string known;
  size_t named = 0;
  for (const oci::Descriptor& entry : index.manifests) {
    if (!entry.platform || named++ == 10) continue;
    known += cat(known.empty() ? "" : ", ", quoted_if_needed(oci::platform_text(*entry.platform)));
  }
  return Error::because(ENOENT,
                        cat(name, " has no image for ", oci::platform_text(wanted), ", only for ",
                            known.empty() ? "none" : known, ": choose one with --platform"));
}

}  // namespace

Result<std::string> fetch_document(Source& source, const oci::Descriptor& wanted) {
  if (wanted.size > oci::kManifestLimit)
    return Error::because(EFBIG, cat(source.name(), ": blob ", wanted.digest.text(),
                                     " must have at most ", oci::kManifestLimit, " bytes"));
  std::string bytes;
  TRY(send_checked(source, wanted, [&](std::span<const std::byte> part) -> Result<void> {
    bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
    return {};
  }));
  return bytes;
}

Result<ResolvedImage> resolve_image(Source& source, const oci::Platform& platform) {
  const std::string name = source.name();
  RawManifest raw = TRY(source.top());
  raw.media_type = TRY(oci::body_media_type(raw.bytes, raw.media_type, name));
  for (int depth = 0; oci::is_index(raw.media_type); ++depth) {
    if (depth == kMaxIndexes)
      return Error::because(EINVAL, cat(name, ": indexes must not nest deeper than ", kMaxIndexes));
    const oci::Index index = TRY(oci::parse_index(raw.bytes, raw.media_type, name));
    const oci::Descriptor* chosen = oci::choose_platform(index, platform);
    if (!chosen) return no_such_platform(index, platform, name);
    raw = TRY(source.manifest(*chosen));
    raw.media_type = TRY(oci::body_media_type(raw.bytes, raw.media_type, name));
  }
  oci::Manifest manifest = TRY(oci::parse_manifest(raw.bytes, raw.media_type, name));
  TRY(oci::check_image(manifest), name);
  std::string bytes = TRY(fetch_document(source, manifest.config));
  oci::ImageConfig config = TRY(oci::parse_image_config(bytes, cat(name, ": config")));
  TRY(oci::check_layers(manifest, config), name);
  return ResolvedImage{.raw = std::move(raw),
                       .manifest = std::move(manifest),
                       .config_bytes = std::move(bytes),
                       .config = std::move(config)};
}

}  // namespace wolffia::image
