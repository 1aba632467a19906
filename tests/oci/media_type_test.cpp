// SPDX-License-Identifier: Apache-2.0
#include "oci/image_support.hpp"

namespace wolffia::oci {
namespace {

struct Row {
  std::string_view name;
  Compression compression;
};
// image.md names them: tar, tar+gzip, tar+zstd, the non-distributable forms, Docker's.
constexpr Row kLayers[] = {
    {"application/vnd.oci.image.layer.v1.tar", Compression::None},
    {"application/vnd.oci.image.layer.v1.tar+gzip", Compression::Gzip},
    {"application/vnd.oci.image.layer.v1.tar+zstd", Compression::Zstd},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar", Compression::None},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", Compression::Gzip},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", Compression::Zstd},
    {"application/vnd.docker.image.rootfs.diff.tar.gzip", Compression::Gzip},
    {"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Compression::Gzip},
};

TEST(media_type, layers_of_every_form_are_known) {
  for (const Row& row : kLayers) {
    const auto compression = layer_compression(row.name);
    ASSERT_TRUE(compression) << row.name;
    EXPECT_EQ(*compression, row.compression) << row.name;
  }
}

TEST(media_type, what_is_no_layer_is_never_unpacked) {
  for (const std::string_view type :
       {"", "application/vnd.oci.empty.v1+json", "application/vnd.oci.image.config.v1+json",
        "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "text/plain",
        "application/vnd.oci.image.layer.v1.tar+GZIP"}) {
    const auto compression = layer_compression(type);
    ASSERT_FALSE(compression) << type;
    EXPECT_TRUE(compression.error().is(ENOTSUP));
  }
}

TEST(media_type, both_families_of_names_are_known) {
  EXPECT_TRUE(is_index(media_type::kIndex) && is_index(media_type::kDockerList));
  EXPECT_TRUE(is_manifest(media_type::kManifest) && is_manifest(media_type::kDockerManifest));
  EXPECT_TRUE(is_image_config(media_type::kConfig) && is_image_config(media_type::kDockerConfig));
  EXPECT_FALSE(is_index(media_type::kManifest) || is_manifest(media_type::kIndex));
  EXPECT_FALSE(is_image_config(media_type::kEmpty));
}

}  // namespace
}  // namespace wolffia::oci
