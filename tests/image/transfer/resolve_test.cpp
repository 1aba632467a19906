// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/resolve.hpp"

#include <gtest/gtest.h>

#include "image/layer/hash.hpp"
#include "image/memory_source.hpp"

namespace wolffia::image {
namespace {

const oci::Platform kAmd64{.os = "linux", .architecture = "amd64", .variant = {}, .os_version = {}};

using test::Memory;

constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
const std::string kConfig =
    R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}})";

std::string index_of(const std::string& entries) {
  return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)" +
         entries + "]}";
}

std::string add_image(Memory& memory, const std::string& config_type = kConfigType) {
  const std::string config = memory.add(kConfig, config_type);
  return memory.add(R"({"schemaVersion":2,"config":)" + config + R"(,"layers":[]})", kManifestType);
}

std::string why(Memory& memory) {
  const auto image = resolve_image(memory, kAmd64);
  return image ? "" : image.error().message();
}

TEST(resolve, reads_manifest_and_config) {
  Memory memory;
  add_image(memory);
  const auto image = resolve_image(memory, kAmd64);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->config_bytes, kConfig);
  EXPECT_EQ(image->config.platform.architecture, "amd64");
}

TEST(resolve, goes_through_nested_indexes_to_a_bounded_depth) {
  Memory memory;
  std::string entry = add_image(memory);
  for (int depth = 0; depth < 4; ++depth)
    entry = memory.add(index_of(entry), kIndexType);
  EXPECT_EQ(why(memory), "");
  memory.add(index_of(entry), kIndexType);
  EXPECT_EQ(why(memory), "memory: indexes must not nest deeper than 4");
}

TEST(resolve, names_the_platforms_of_an_index_that_lacks_ours) {
  Memory memory;
  std::string entry = add_image(memory);
  entry.insert(entry.size() - 1, R"(,"platform":{"os":"linux","architecture":"s390x"})");
  memory.add(index_of(entry), kIndexType);
  EXPECT_EQ(why(memory),
            "memory has no image for linux/amd64, only for linux/s390x: choose one with "
            "--platform");
}

TEST(resolve, an_artifact_is_no_image) {
  Memory memory;
  add_image(memory, "application/vnd.example.config.v1+json");
  EXPECT_NE(why(memory).find("application/vnd.example.config.v1+json"), std::string::npos);
}

TEST(resolve, a_config_is_what_its_digest_says) {
  Memory memory;
  add_image(memory);
  std::string other = kConfig;
  other[3] = 'X';
  memory.replace(kConfig, other);
  EXPECT_NE(why(memory).find("is not what its digest says"), std::string::npos);
  memory.replace(kConfig, kConfig + " ");
  EXPECT_NE(why(memory).find("is longer than its descriptor says"), std::string::npos);
  memory.replace(kConfig, "");
  EXPECT_NE(why(memory).find("is shorter than its descriptor says"), std::string::npos);
}

}  // namespace
}  // namespace wolffia::image
