// SPDX-License-Identifier: Apache-2.0
#include "oci/image_support.hpp"

namespace wolffia::oci {
namespace {

Result<Manifest> manifest(std::string text, std::string_view told = media_type::kManifest) {
  return parse_manifest(std::move(text), told, "m");
}

Result<Index> index(std::string text, std::string_view told = media_type::kIndex) {
  return parse_index(std::move(text), told, "i");
}

TEST(parse_manifest, reads_every_member) {
  const auto parsed = manifest(
      cat(R"({"schemaVersion": 2, "mediaType": ")", media_type::kManifest, R"(", "config": )",
          descriptor(media_type::kConfig, 'c', R"(, "data": "e30=")"), R"(, "layers": [)",
          descriptor(kGzipLayer, 'd', R"(, "urls": ["https://a/b"], "annotations": {"k": "v"})"),
          R"(], "artifactType": "t", "subject": )", descriptor(media_type::kManifest, 'e'),
          R"(, "annotations": {"a": "b"}})"));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->media_type, media_type::kManifest);
  EXPECT_EQ(parsed->config.digest.text(), digest_text('c'));
  EXPECT_EQ(parsed->config.data, "{}");
  ASSERT_EQ(parsed->layers.size(), 1U);
  EXPECT_EQ(parsed->layers[0].size, 2U);
  EXPECT_EQ(parsed->layers[0].urls, std::vector<std::string>{"https://a/b"});
  EXPECT_EQ(parsed->layers[0].annotations, (Annotations{{"k", "v"}}));
  EXPECT_EQ(parsed->artifact_type, "t");
  ASSERT_TRUE(parsed->subject);
  EXPECT_EQ(parsed->subject->digest.text(), digest_text('e'));
  EXPECT_EQ(parsed->annotations, (Annotations{{"a", "b"}}));
}

TEST(parse_manifest, schema_version_is_2) {
  EXPECT_EQ(failure_of(manifest(R"({"config": {}})")), "m: schemaVersion is required");
  EXPECT_EQ(failure_of(manifest(R"({"schemaVersion": 3})")), "m: schemaVersion must be 2");
  EXPECT_EQ(failure_of(index(R"({"schemaVersion": 0, "manifests": []})")),
            "i: schemaVersion must be 2");
}

TEST(parse_manifest, schema_1_says_what_to_do) {
  for (const auto& parsed :
       {manifest(R"({"schemaVersion": 1, "fsLayers": []})", ""),
        manifest("{}", "application/vnd.docker.distribution.manifest.v1+prettyjws"),
        manifest(R"({"schemaVersion": 1})")}) {
    ASSERT_FALSE(parsed);
    EXPECT_TRUE(parsed.error().is(ENOTSUP));
    EXPECT_NE(parsed.error().message().find("push it anew"), std::string::npos);
  }
}

TEST(parse_manifest, header_and_body_agree_on_the_media_type) {
  const std::string docker =
      manifest_text(cat(R"(, "mediaType": ")", media_type::kDockerManifest, "\""));
  EXPECT_FALSE(manifest(docker));
  EXPECT_TRUE(manifest(docker, media_type::kDockerManifest));
  EXPECT_TRUE(manifest(docker, ""));
  EXPECT_TRUE(manifest(docker, cat(media_type::kDockerManifest, "; charset=utf-8")));
  EXPECT_EQ(failure_of(body_media_type(R"({"mediaType": "a/b"})", "c/d", "m")),
            R"(m: mediaType must be what it was announced as: "a/b" is not "c/d")");
}

TEST(parse_manifest, a_body_without_a_media_type_is_what_the_header_says) {
  EXPECT_EQ(*body_media_type("{}", "a/b", "m"), "a/b");
  EXPECT_EQ(manifest(manifest_text(), media_type::kDockerManifest)->media_type,
            media_type::kDockerManifest);
}

TEST(parse_manifest, members_decide_where_nobody_says_a_type) {
  for (const std::string_view told : {"", "application/json", "text/plain; charset=utf-8"}) {
    EXPECT_EQ(*body_media_type(R"({"manifests": []})", told, "m"), media_type::kIndex);
    EXPECT_EQ(*body_media_type(R"({"layers": []})", told, "m"), media_type::kManifest);
  }
}

TEST(parse_manifest, an_index_that_is_also_a_manifest_is_rejected) {
  const std::string both = index_text("", R"(, "layers": [])");
  for (const std::string_view told :
       {media_type::kIndex, media_type::kManifest, media_type::kDockerList, std::string_view("a/b"),
        std::string_view()})
    EXPECT_EQ(failure_of(body_media_type(both, told, "m")),
              "m: layers must not be in an index (CVE-2021-41190)");
  EXPECT_FALSE(index(R"({"schemaVersion": 2, "config": {}})"));
  EXPECT_FALSE(index(R"({"schemaVersion": 2, "fsLayers": []})"));
  EXPECT_EQ(failure_of(manifest(R"({"schemaVersion": 2, "manifests": []})")),
            "m: manifests must not be in a manifest (CVE-2021-41190)");
  EXPECT_EQ(failure_of(manifest(manifest_text(R"(, "fsLayers": [])"))),
            "m: fsLayers must not be in a manifest of schema 2 (CVE-2021-41190)");
}

TEST(parse_manifest, one_is_not_read_as_the_other) {
  const auto wrong = manifest(index_text(""), media_type::kIndex);
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(wrong.error().is(ENOTSUP));
  EXPECT_FALSE(index(manifest_text(), media_type::kManifest));
  EXPECT_FALSE(manifest(manifest_text(), "application/vnd.example+json"));
}

TEST(parse_manifest, unknown_media_types_and_members_are_no_error) {
  const auto parsed = manifest(cat(R"({"schemaVersion": 2, "new": {"a": [1]}, "config": )",
                                   descriptor("x/y", 'c', R"(, "n": 1)"), R"(, "layers": [)",
                                   descriptor("unknown/type", 'd'), "]}"));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->layers[0].media_type, "unknown/type");
}

TEST(parse_manifest, an_artifact_is_never_an_image) {
  const auto empty = manifest(cat(R"({"schemaVersion": 2, "artifactType": "a/b", "config": )",
                                  descriptor(media_type::kEmpty), R"(, "layers": [)",
                                  descriptor(media_type::kEmpty), "]}"));
  ASSERT_TRUE(empty);
  const auto image = check_image(*empty);
  ASSERT_FALSE(image);
  EXPECT_TRUE(image.error().is(ENOTSUP));
  EXPECT_EQ(image.error().message(), R"(is an artifact, "a/b", and no image to run)");
}

TEST(parse_manifest, an_unknown_config_type_is_never_parsed) {
  const auto helm = manifest(cat(R"({"schemaVersion": 2, "config": )",
                                 descriptor("application/vnd.cncf.helm.config.v1+json"),
                                 R"(, "layers": [)", descriptor(kGzipLayer), "]}"));
  ASSERT_TRUE(helm);
  EXPECT_FALSE(check_image(*helm));
}

TEST(parse_manifest, an_unknown_layer_is_never_unpacked) {
  const auto odd =
      manifest(cat(R"({"schemaVersion": 2, "config": )", descriptor(media_type::kConfig),
                   R"(, "layers": [)", descriptor(kGzipLayer), ",", descriptor("a/b"), "]}"));
  ASSERT_TRUE(odd);
  EXPECT_EQ(failure_of(check_image(*odd)), R"(layers[1]: "a/b" is no layer of a file system)");
  EXPECT_TRUE(check_image(*manifest(manifest_text())));
}

TEST(parse_manifest, an_image_has_no_more_layers_than_can_be_mounted) {
  auto many = manifest(manifest_text()).value();
  many.layers.resize(kMaxLayers, many.layers[0]);
  EXPECT_TRUE(check_image(many));
  many.layers.push_back(many.layers[0]);
  EXPECT_TRUE(check_image(many).error().is(E2BIG));
}

TEST(parse_manifest, width_is_bounded) {
  std::string entries = descriptor("a/b");
  for (size_t i = 1; i < kMaxDescriptors; ++i)
    entries += cat(",", descriptor("a/b"));
  EXPECT_TRUE(index(index_text(entries)));
  EXPECT_EQ(failure_of(index(index_text(cat(entries, ",", descriptor("a/b"))))),
            "i: manifests must have at most 10000 entries");
}

TEST(parse_manifest, size_is_bounded) {
  std::string text = manifest_text();
  text.append(kManifestLimit - text.size(), ' ');
  EXPECT_TRUE(manifest(text));
  EXPECT_TRUE(manifest(text + " ").error().is(EFBIG));
}

TEST(parse_manifest, duplicate_names_are_rejected) {
  EXPECT_NE(failure_of(manifest(manifest_text(R"(, "layers": [])"))).find("appears twice"),
            std::string::npos);
  EXPECT_FALSE(manifest(manifest_text(R"(, "annotations": {"a": "b", "\u0061": "c"})")));
}

TEST(parse_manifest, embedded_data_is_base_64_of_its_size) {
  const auto with = [](std::string_view data) {
    return manifest(cat(R"({"schemaVersion": 2, "config": )",
                        descriptor(media_type::kConfig, 'a', cat(R"(, "data": ")", data, "\"")),
                        "}"));
  };
  EXPECT_EQ(with("e30=")->config.data, "{}");
  EXPECT_EQ(failure_of(with("e30")), "m: config.data must be base 64");
  EXPECT_EQ(failure_of(with("e30K")), "m: config.data must be 2 bytes, as size says, and is 3");
}

TEST(parse_manifest, a_descriptor_needs_type_digest_and_size) {
  const auto with = [](std::string_view members) {
    return failure_of(index(index_text(cat("{", members, "}"))));
  };
  EXPECT_EQ(with(""), "i: manifests[0].mediaType is required");
  EXPECT_EQ(with(R"("mediaType": "a/b")"), "i: manifests[0].digest is required");
  EXPECT_EQ(
      with(R"("mediaType": "a/b", "digest": "sha256:../x", "size": 1)"),
      R"(i: manifests[0].digest: "sha256:../x" must have 64 lower-case hexadecimal digits behind sha256:)");
  EXPECT_EQ(with(cat(R"("mediaType": "a/b", "digest": ")", digest_text('a'), R"(", "size": -1)")),
            "i: manifests[0].size must be an integer from 0 to 9007199254740992");
}

TEST(parse_manifest, sha512_is_read_too) {
  const auto parsed = index(index_text(
      cat(R"({"mediaType": "a/b", "size": 0, "digest": "sha512:)", std::string(128, 'f'), "\"}")));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->manifests[0].digest.algorithm(), Digest::Algorithm::Sha512);
}

TEST(parse_manifest, an_index_may_be_empty_or_nested) {
  EXPECT_TRUE(index(index_text(""))->manifests.empty());
  EXPECT_TRUE(index(R"({"schemaVersion": 2, "manifests": null})")->manifests.empty());
  const auto nested = index(index_text(descriptor(media_type::kIndex)));
  ASSERT_TRUE(nested);
  EXPECT_TRUE(is_index(nested->manifests[0].media_type));
}

TEST(parse_manifest, layers_are_counted_against_diff_ids) {
  const Manifest one = manifest(manifest_text()).value();
  const std::string with_two = cat(R"({"rootfs": {"type": "layers", "diff_ids": [")",
                                   digest_text('a'), R"(", ")", digest_text('b'), R"("]}})");
  const auto config = parse_image_config(with_two, "c");
  ASSERT_TRUE(config);
  EXPECT_EQ(failure_of(check_layers(one, *config)), "rootfs.diff_ids has 2 entries for 1 layers");
}

}  // namespace
}  // namespace wolffia::oci
