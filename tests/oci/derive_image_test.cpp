// SPDX-License-Identifier: Apache-2.0
#include "oci/derive_image.hpp"

#include <gtest/gtest.h>

#include "oci/parse_image.hpp"

namespace wolffia::oci {
namespace {

Digest digest(char digit) {
  return Digest::parse("sha256:" + std::string(64, digit)).value();
}

constexpr const char* kTime = "2023-11-14T22:13:20Z";

TEST(add_step, makes_an_image_of_nothing) {
  const std::string blank =
      blank_config({.os = "linux", .architecture = "arm64", .variant = "v8", .os_version = {}});
  const auto text = add_step(blank, digest('a'),
                             {.created = kTime,
                              .created_by = "import",
                              .comment = "a root",
                              .author = "Ana",
                              .changes = {"CMD [\"sh\"]"}});
  ASSERT_TRUE(text) << text.error().message();
  const auto config = parse_image_config(*text, "it");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(platform_text(config->platform), "linux/arm64/v8");
  EXPECT_EQ(config->created, kTime);
  EXPECT_EQ(config->author, "Ana");
  EXPECT_EQ(config->cmd, std::vector<std::string>{"sh"});
  EXPECT_EQ(config->diff_ids, std::vector{digest('a')});
  ASSERT_EQ(config->history.size(), 1U);
  EXPECT_EQ(config->history[0].comment, "a root");
  EXPECT_FALSE(config->history[0].empty_layer);
}

TEST(add_step, keeps_what_it_does_not_change) {
  const std::string base =
      R"({"os":"linux","author":"Ana","x.more":[1,  2],"config":{"Healthcheck":{"Test":["NONE"]}},)"
      R"("history":[{"created_by":"before"}],"rootfs":{"type":"layers","diff_ids":[")" +
      digest('a').text() + R"("]}})";
  const auto text = add_step(
      base, digest('b'),
      {.created = kTime, .created_by = "it", .comment = {}, .author = {}, .changes = {"USER 1"}});
  ASSERT_TRUE(text) << text.error().message();
  EXPECT_NE(text->find(R"("x.more":[1,  2])"), std::string::npos) << *text;
  EXPECT_NE(text->find(R"("Healthcheck":{"Test":["NONE"]},"User":"1")"), std::string::npos);
  const auto config = parse_image_config(*text, "it");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->author, "Ana");
  EXPECT_EQ(config->diff_ids, (std::vector{digest('a'), digest('b')}));
  ASSERT_EQ(config->history.size(), 2U);
  EXPECT_EQ(config->history[0].created_by, "before");
  EXPECT_EQ(config->history[1].created_by, "it");
}

TEST(add_step, refuses_one_layer_too_many) {
  std::string base = R"({"os":"linux","rootfs":{"type":"layers","diff_ids":[)";
  for (size_t i = 0; i < kMaxLayers; ++i)
    base += cat(i == 0 ? "\"" : ",\"", digest('a').text(), "\"");
  const auto text = add_step(base + "]}}", digest('b'), {});
  ASSERT_FALSE(text);
  EXPECT_TRUE(text.error().is(E2BIG)) << text.error().message();
}

TEST(add_layer, lets_go_of_what_the_image_was_about) {
  const Descriptor config{
      .media_type = std::string(media_type::kConfig), .digest = digest('c'), .size = 7};
  const std::vector<Descriptor> layers{
      {.media_type = "application/vnd.oci.image.layer.v1.tar", .digest = digest('d'), .size = 9}};
  const auto text = add_layer(
      R"({"schemaVersion":2,"config":{},"layers":[],"subject":{"x":1},"annotations":{"a":"b"}})",
      config, layers);
  ASSERT_TRUE(text) << text.error().message();
  EXPECT_EQ(text->find("subject"), std::string::npos) << *text;
  const auto manifest = parse_manifest(*text, media_type::kManifest, "it");
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(manifest->config.digest, digest('c'));
  EXPECT_EQ(manifest->layers[0].digest, digest('d'));
  EXPECT_EQ(manifest->annotations, (Annotations{{"a", "b"}}));
}

}  // namespace
}  // namespace wolffia::oci
