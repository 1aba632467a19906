// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/quote.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::oci {
namespace {

struct LayerType {
  std::string_view name;
  Compression compression;
};

// image-spec layer.md, media-types.md, "Compatibility Matrix"; the foreign forms are read as well:
// what may not be pushed may be run.
constexpr std::array kLayerTypes{
    LayerType{"application/vnd.oci.image.layer.v1.tar", Compression::None},
    LayerType{"application/vnd.oci.image.layer.v1.tar+gzip", Compression::Gzip},
    LayerType{"application/vnd.oci.image.layer.v1.tar+zstd", Compression::Zstd},
    LayerType{"application/vnd.oci.image.layer.nondistributable.v1.tar", Compression::None},
    LayerType{"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", Compression::Gzip},
    LayerType{"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", Compression::Zstd},
    LayerType{"application/vnd.docker.image.rootfs.diff.tar", Compression::None},
    LayerType{"application/vnd.docker.image.rootfs.diff.tar.gzip", Compression::Gzip},
    LayerType{"application/vnd.docker.image.rootfs.diff.tar.zstd", Compression::Zstd},
    LayerType{"application/vnd.docker.image.rootfs.foreign.diff.tar", Compression::None},
    LayerType{"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Compression::Gzip},
};

}  // namespace

bool is_index(std::string_view media_type) {
  return media_type == media_type::kIndex || media_type == media_type::kDockerList;
}

bool is_manifest(std::string_view media_type) {
  return media_type == media_type::kManifest || media_type == media_type::kDockerManifest;
}

bool is_image_config(std::string_view media_type) {
  return media_type == media_type::kConfig || media_type == media_type::kDockerConfig;
}

Result<Compression> layer_compression(std::string_view media_type) {
  const auto* const row = std::find_if(kLayerTypes.begin(), kLayerTypes.end(),
                                       [&](const auto& one) { return one.name == media_type; });
  if (row != kLayerTypes.end()) return row->compression;
  return Error::because(ENOTSUP, cat(quoted(media_type), " is no layer of a file system"));
}

}  // namespace wolffia::oci
