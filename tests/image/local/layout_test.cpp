// SPDX-License-Identifier: Apache-2.0
#include "image/local/layout.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "image/layer/hash.hpp"
#include "support/temp_dir.hpp"

namespace wolffia::image {
namespace {

using test::TempDir;
using test::write_text;

/// A layout with one manifest for each tag; all of them have the same bytes.
class LayoutFixture : public ::testing::Test {
 protected:
  LayoutFixture() {
    std::filesystem::create_directories(dir_ / "blobs/sha256");
    write_text(dir_ / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    write_text(dir_ / ("blobs/sha256/" + std::string(digest_.hex())), kManifest);
  }

  std::string entry(const std::string& tag) const {
    return R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" +
           digest_.text() + R"(","size":)" + std::to_string(kManifest.size()) +
           R"(,"annotations":{"org.opencontainers.image.ref.name":")" + tag + R"("}})";
  }

  void write_index(const std::string& entries) const {
    write_text(dir_ / "index.json", R"({"schemaVersion":2,"manifests":[)" + entries + "]}");
  }

  Result<std::unique_ptr<Source>> open(std::string_view tag) const {
    auto files = files_of_directory(dir_.path());
    return open_layout(std::move(files).value(), tag, "oci:DIR");
  }

  static constexpr std::string_view kManifest = R"({"schemaVersion":2})";
  const oci::Digest digest_ = digest_of(kManifest);
  TempDir dir_;
};

TEST_F(LayoutFixture, needs_no_tag_for_its_only_image) {
  write_index(entry("12"));
  const auto source = open("");
  ASSERT_TRUE(source) << source.error().message();
  const auto top = (*source)->top();
  ASSERT_TRUE(top) << top.error().message();
  EXPECT_EQ(top->bytes, kManifest);
  EXPECT_EQ(top->digest, digest_);
}

TEST_F(LayoutFixture, names_the_tags_to_choose_from) {
  write_index(entry("12") + "," + entry("13"));
  EXPECT_TRUE(open("13"));
  EXPECT_TRUE(open(digest_.text()));
  const auto none = open("");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message(), R"(oci:DIR has 2 images: add :TAG; there are "12", "13")");
  const auto unknown = open("14");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message(), R"(oci:DIR has no image "14": there are "12", "13")");
}

TEST_F(LayoutFixture, refuses_a_manifest_that_is_not_its_digest) {
  write_index(entry("12"));
  write_text(dir_ / ("blobs/sha256/" + std::string(digest_.hex())), R"({"schemaVersion":3})");
  const auto top = open("").value()->top();
  ASSERT_FALSE(top);
  EXPECT_NE(top.error().message().find("is not what its digest says"), std::string::npos);
}

TEST_F(LayoutFixture, is_no_layout_without_its_version) {
  write_index(entry("12"));
  std::filesystem::remove(dir_ / "oci-layout");
  EXPECT_FALSE(open(""));
  write_text(dir_ / "oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
  const auto newer = open("");
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().message(), "oci:DIR: imageLayoutVersion must be 1.0.0");
}

TEST_F(LayoutFixture, does_not_wait_for_a_fifo_in_a_files_place) {
  write_index(entry("12"));
  const std::string blob = dir_ / ("blobs/sha256/" + std::string(digest_.hex()));
  std::filesystem::remove(blob);
  ASSERT_EQ(::mkfifo(blob.c_str(), 0600), 0);
  EXPECT_FALSE(open("").value()->top());
}

TEST_F(LayoutFixture, does_not_leave_its_directory) {
  const TempDir outside;
  write_text(outside / "secret", kManifest);
  write_index(entry("12"));
  std::filesystem::remove_all(dir_ / "blobs");
  std::filesystem::create_directory_symlink(outside.path(), dir_ / "blobs");
  EXPECT_FALSE(open("").value()->top());
}

TEST_F(LayoutFixture, sends_a_blob_from_anywhere) {
  write_index(entry("12"));
  const auto source = open("");
  const oci::Descriptor wanted{.media_type = "x", .digest = digest_, .size = kManifest.size()};
  std::string got;
  const auto sent = (*source)->blob(wanted, 5, [&](std::span<const std::byte> part) {
    got.append(reinterpret_cast<const char*>(part.data()), part.size());
    return Result<void>();
  });
  ASSERT_TRUE(sent);
  EXPECT_EQ(got, kManifest.substr(5));
}

TEST_F(LayoutFixture, calls_every_image_as_its_annotations_do) {
  std::string containerd = entry("1");
  const std::string annotations = R"("annotations":{)";
  containerd.insert(containerd.find(annotations) + annotations.size(),
                    R"("io.containerd.image.name":"docker.io/library/app:1",)");
  write_index(containerd + "," + entry("12") + "," + entry("host.example/a:3"));
  const std::shared_ptr<const FileSet> files = files_of_directory(dir_.path()).value();
  const auto images = open_layout_images(files, "oci:DIR");
  ASSERT_TRUE(images) << images.error().message();
  std::string names;
  for (const NamedImage& image : *images)
    names += image.names[0] + " ";
  EXPECT_EQ(names, "docker.io/library/app:1 localhost/12 host.example/a:3 ");
  EXPECT_EQ((*images)[2].source->top()->digest, digest_);
}

TEST_F(LayoutFixture, gives_no_more_images_than_anybody_has) {
  std::string entries = entry("0");
  for (size_t i = 0; i < kMostImages; ++i)
    entries += "," + entry("x");
  write_index(entries);
  const std::shared_ptr<const FileSet> files = files_of_directory(dir_.path()).value();
  const auto images = open_layout_images(files, "oci:DIR");
  ASSERT_FALSE(images);
  EXPECT_EQ(images.error().message(), "oci:DIR has more than 1000 images");
}

/// What `docker save` writes, as files of a directory.
class DockerArchiveFixture : public ::testing::Test {
 protected:
  void write(const std::string& diff_ids, const std::string& entries) const {
    write_text(dir_ / "config.json",
               R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[)" +
                   diff_ids + "]}}");
    write_text(dir_ / "layer.tar", kLayer);
    write_text(dir_ / "manifest.json", "[" + entries + "]");
  }
  Result<std::unique_ptr<Source>> open(std::string_view tag) const {
    return open_docker_archive(files_of_directory(dir_.path()).value(), tag, "docker-archive:F");
  }
  std::string diff_id() const { return '"' + digest_of(kLayer).text() + '"'; }
  static std::string entry(const std::string& tag) {
    return R"({"Config":"config.json","RepoTags":[")" + tag + R"("],"Layers":["layer.tar"]})";
  }
  static constexpr std::string_view kLayer = "the layer";
  TempDir dir_;
};

TEST_F(DockerArchiveFixture, becomes_a_manifest_of_its_diffs) {
  write(diff_id(), entry("app:1"));
  const auto source = open("");
  ASSERT_TRUE(source) << source.error().message();
  const auto top = (*source)->top();
  ASSERT_TRUE(top);
  EXPECT_NE(top->bytes.find(digest_of(kLayer).text()), std::string::npos);
  EXPECT_EQ(top->digest, digest_of(top->bytes));
  const oci::Descriptor wanted{.media_type = "x", .digest = digest_of(kLayer), .size = 9};
  std::string got;
  ASSERT_TRUE((*source)->blob(wanted, 0, [&](std::span<const std::byte> part) {
    got.append(reinterpret_cast<const char*>(part.data()), part.size());
    return Result<void>();
  }));
  EXPECT_EQ(got, kLayer);
}

TEST_F(DockerArchiveFixture, is_chosen_from_by_name) {
  write(diff_id(), entry("app:1") + "," + entry("app:2"));
  EXPECT_TRUE(open("app:2"));
  const auto none = open("");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message(),
            R"(docker-archive:F has 2 images: add :NAME:TAG; there are "app:1", "app:2")");
  EXPECT_FALSE(open("app:3"));
}

TEST_F(DockerArchiveFixture, has_all_its_images_with_full_names) {
  write(diff_id(), entry("app:1") + "," + entry("host.example/app:2") + R"(,
        {"Config":"config.json","RepoTags":null,"Layers":["layer.tar"]})");
  const std::shared_ptr<const FileSet> files = files_of_directory(dir_.path()).value();
  const auto images = open_docker_images(files, "docker-archive:F");
  ASSERT_TRUE(images) << images.error().message();
  ASSERT_EQ(images->size(), 3U);
  EXPECT_EQ((*images)[0].names, std::vector<std::string>{"docker.io/app:1"});
  EXPECT_EQ((*images)[1].names, std::vector<std::string>{"host.example/app:2"});
  EXPECT_TRUE((*images)[2].names.empty());
}

TEST_F(DockerArchiveFixture, must_have_a_layer_for_each_diff) {
  write("", entry("app:1"));
  const auto source = open("");
  ASSERT_FALSE(source);
  EXPECT_NE(source.error().message().find("names 1 layers"), std::string::npos);
}

}  // namespace
}  // namespace wolffia::image
