// SPDX-License-Identifier: Apache-2.0
#include "oci/write_image.hpp"

#include <gtest/gtest.h>

#include "oci/parse_image.hpp"

namespace wolffia::oci {
namespace {

Digest digest(char digit) {
  return Digest::parse("sha256:" + std::string(64, digit)).value();
}

Descriptor layer(char digit) {
  Descriptor one{.media_type = layer_type(media_type::kManifest, Packing::Gzip),
                 .digest = digest(digit),
                 .size = 7};
  one.annotations.emplace_back("key", "value");
  one.urls.emplace_back("https://example.com/layer");
  return one;
}

const Descriptor kConfigBlob{
    .media_type = std::string(media_type::kConfig), .digest = digest('c'), .size = 3};

TEST(write_manifest, is_read_again_as_it_was) {
  const std::vector layers{layer('a'), layer('b')};
  const std::string text = write_manifest(media_type::kManifest, kConfigBlob, layers);
  const auto manifest = parse_manifest(text, {}, "it");
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(manifest->config.digest, digest('c'));
  ASSERT_EQ(manifest->layers.size(), 2U);
  EXPECT_EQ(manifest->layers[1].digest, digest('b'));
  EXPECT_EQ(manifest->layers[1].annotations, layer('b').annotations);
  EXPECT_EQ(manifest->layers[1].urls, layer('b').urls);
}

TEST(edit_manifest, keeps_what_it_does_not_know) {
  const std::vector before{layer('a')};
  std::string text = write_manifest(media_type::kManifest, kConfigBlob, before);
  text.insert(1, R"("annotations":{"k":"v"},"x.new": [1 , 2],)");
  const std::vector after{layer('d')};
  const auto edited = edit_manifest(text, kConfigBlob, after);
  ASSERT_TRUE(edited) << edited.error().message();
  EXPECT_NE(edited->find(R"("x.new":[1 , 2])"), std::string::npos);
  const auto manifest = parse_manifest(*edited, {}, "it");
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(manifest->layers[0].digest, digest('d'));
  EXPECT_EQ(manifest->annotations.size(), 1U);
}

TEST(layer_type, speaks_as_the_manifest_does) {
  for (const auto type : {media_type::kManifest, media_type::kDockerManifest}) {
    const auto gzip = layer_compression(layer_type(type, Packing::Gzip));
    const auto plain = layer_compression(layer_type(type, Packing::Plain));
    ASSERT_TRUE(gzip && plain);
    EXPECT_EQ(*gzip, Compression::Gzip);
    EXPECT_EQ(*plain, Compression::None);
  }
  EXPECT_TRUE(layer_type(media_type::kDockerManifest, Packing::Gzip).find("docker") !=
              std::string::npos);
}

TEST(write_rootfs, lists_the_lowest_first) {
  const std::vector diff_ids{digest('a'), digest('b')};
  EXPECT_EQ(write_rootfs(diff_ids), R"({"type":"layers","diff_ids":[")" + digest('a').text() +
                                        R"(",")" + digest('b').text() + R"("]})");
}

}  // namespace
}  // namespace wolffia::oci
