// SPDX-License-Identifier: Apache-2.0
#include "image/local/archive_writer.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "image/layer/sink.hpp"
#include "image/local/layout.hpp"
#include "image/memory_source.hpp"
#include "oci/parse_image.hpp"
#include "support/temp_dir.hpp"

namespace wolffia::image {
namespace {

using test::Memory;
using test::TempDir;

/// Keeps what is written.
class Text : public ByteSink {
 public:
  Result<void> write(std::span<const std::byte> bytes) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  Result<void> finish() override { return {}; }
  std::string text;
};

std::string gzipped(std::string_view bytes) {
  Text out;
  const auto gzip = open_deflater(out, oci::Compression::Gzip);
  EXPECT_TRUE(gzip->write(std::as_bytes(std::span(bytes))));
  EXPECT_TRUE(gzip->finish());
  return out.text;
}

oci::Descriptor descriptor_of(std::string_view bytes, std::string_view type) {
  return {.media_type = std::string(type), .digest = digest_of(bytes), .size = bytes.size()};
}

/// An image of one packed layer, in memory.
struct Image {
  static constexpr std::string_view kLayer = "what a layer holds";
  static constexpr std::string_view kLayerType = "application/vnd.oci.image.layer.v1.tar+gzip";
  std::string blob = gzipped(kLayer);
  std::string config;
  oci::Descriptor layer = descriptor_of(blob, kLayerType);
  oci::Descriptor config_blob = layer;
  RawManifest manifest{{}, std::string(oci::media_type::kManifest), layer.digest};
  Memory memory;

  explicit Image(const oci::Digest& diff_id = digest_of(kLayer)) {
    config = R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[")" +
             diff_id.text() + R"("]}})";
    config_blob = descriptor_of(config, oci::media_type::kConfig);
    const std::string config_entry = memory.add(config, std::string(oci::media_type::kConfig));
    manifest.bytes = R"({"schemaVersion":2,"mediaType":")" + manifest.media_type +
                     R"(","config":)" + config_entry + R"(,"layers":[)" +
                     memory.add(blob, std::string(kLayerType)) + "]}";
    manifest.digest = digest_of(manifest.bytes);
  }

  Result<void> put_into(Destination& destination) {
    for (const auto* one : {&layer, &config_blob})
      if (!TRY(destination.has(*one))) TRY(destination.put(*one, memory));
    TRY(destination.put_manifest(manifest));
    return destination.finish(manifest);
  }
};

std::string blob_of(Source& source, const oci::Descriptor& wanted) {
  std::string got;
  const auto sent = source.blob(wanted, 0, [&](std::span<const std::byte> part) {
    got.append(reinterpret_cast<const char*>(part.data()), part.size());
    return Result<void>();
  });
  EXPECT_TRUE(sent) << sent.error().message();
  return got;
}

class ArchiveWriter : public ::testing::Test {
 protected:
  std::unique_ptr<ImageArchive> layout() const {
    return write_layout_archive(ArchiveFile::create(path_, ArchiveFile::Late::No).value(), "A");
  }
  std::unique_ptr<ImageArchive> docker() const {
    return write_docker_archive(ArchiveFile::create(path_, ArchiveFile::Late::Yes).value(), "A");
  }
  Result<std::unique_ptr<Source>> open_layout_image(std::string_view tag) const {
    return open_layout(files_of_archive(path_).value(), tag, "A");
  }
  Result<std::unique_ptr<Source>> open_docker_image(std::string_view tag) const {
    return open_docker_archive(files_of_archive(path_).value(), tag, "A");
  }
  bool is_empty() const { return std::filesystem::is_empty(dir_.path()); }

  TempDir dir_;
  const std::string path_ = dir_ / "archive.tar";
  Image image_;
};

TEST_F(ArchiveWriter, keeps_every_byte_in_a_layout) {
  const auto archive = layout();
  archive->name_next({"app:1", "app:latest"});
  ASSERT_TRUE(image_.put_into(*archive));
  ASSERT_TRUE(archive->close());
  for (const char* tag : {"app:1", "app:latest"}) {
    const auto source = open_layout_image(tag);
    ASSERT_TRUE(source) << source.error().message();
    EXPECT_EQ((*source)->top()->bytes, image_.manifest.bytes);
    EXPECT_EQ(blob_of(**source, image_.layer), image_.blob);
    EXPECT_EQ(blob_of(**source, image_.config_blob), image_.config);
  }
}

TEST_F(ArchiveWriter, unpacks_layers_for_docker) {
  const auto archive = docker();
  archive->name_next({"docker.io/library/app", "localhost:5000/app@sha256:00"});
  const auto put = image_.put_into(*archive);
  ASSERT_TRUE(put) << put.error().message();
  ASSERT_TRUE(archive->close());
  const auto source = open_docker_image("docker.io/library/app:latest");
  ASSERT_TRUE(source) << source.error().message();
  const oci::Descriptor diff = descriptor_of(Image::kLayer, "x");
  EXPECT_EQ(blob_of(**source, diff), Image::kLayer);
  EXPECT_EQ(blob_of(**source, image_.config_blob), image_.config);
  EXPECT_NE((*source)->top()->bytes.find(diff.digest.text()), std::string::npos);
}

TEST_F(ArchiveWriter, writes_the_blobs_that_images_share_once) {
  for (const bool is_docker : {false, true}) {
    const auto archive = is_docker ? docker() : layout();
    archive->name_next({"one:1"});
    ASSERT_TRUE(image_.put_into(*archive));
    EXPECT_TRUE(*archive->has(image_.layer));
    archive->name_next({"two:2"});
    ASSERT_TRUE(image_.put_into(*archive));
    ASSERT_TRUE(archive->close());
    for (const char* tag : {"one:1", "two:2"})
      EXPECT_TRUE(is_docker ? open_docker_image(tag) : open_layout_image(tag)) << tag;
  }
}

TEST_F(ArchiveWriter, gives_a_name_to_the_last_image_that_wants_it) {
  Image other(digest_of("another layer"));
  const auto archive = layout();
  archive->name_next({"app:1"});
  ASSERT_TRUE(other.put_into(*archive));
  archive->name_next({"app:1"});
  ASSERT_TRUE(image_.put_into(*archive));
  ASSERT_TRUE(archive->close());
  EXPECT_EQ(open_layout_image("app:1").value()->top()->digest, image_.manifest.digest);
}

TEST_F(ArchiveWriter, writes_the_same_bytes_again) {
  std::string before;
  for (int i = 0; i < 2; ++i) {
    const auto archive = layout();
    ASSERT_TRUE(image_.put_into(*archive));
    ASSERT_TRUE(archive->close());
    const std::string now = test::read_text(path_);
    EXPECT_TRUE(before.empty() || before == now);
    before = now;
  }
}

TEST_F(ArchiveWriter, is_not_there_before_it_is_whole) {
  {
    const auto archive = docker();
    ASSERT_TRUE(image_.put_into(*archive));
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
  EXPECT_TRUE(is_empty()) << "given up, and something is left";
}

TEST_F(ArchiveWriter, leaves_the_older_archive_until_the_new_one_is_whole) {
  test::write_text(path_, "older");
  const auto archive = layout();
  ASSERT_TRUE(image_.put_into(*archive));
  EXPECT_EQ(test::read_text(path_), "older");
  ASSERT_TRUE(archive->close());
  EXPECT_TRUE(open_layout_image(""));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_.path()), {}), 1);
}

TEST_F(ArchiveWriter, follows_a_link_to_where_the_archive_is) {
  const TempDir elsewhere;
  test::write_text(elsewhere / "real.tar", "older");
  std::filesystem::create_symlink(elsewhere / "real.tar", path_);
  const auto archive = layout();
  ASSERT_TRUE(image_.put_into(*archive));
  ASSERT_TRUE(archive->close());
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_TRUE(open_layout_image(""));
}

TEST_F(ArchiveWriter, refuses_a_blob_that_is_not_its_digest) {
  for (const bool is_docker : {false, true}) {
    Image damaged;
    std::string other = damaged.blob;
    other[other.size() / 2] = static_cast<char>(other[other.size() / 2] ^ 1);
    damaged.memory.replace(damaged.blob, other);
    const auto archive = is_docker ? docker() : layout();
    EXPECT_FALSE(damaged.put_into(*archive));
  }
  EXPECT_TRUE(is_empty());
}

TEST_F(ArchiveWriter, tells_that_a_layer_is_not_what_the_config_says) {
  Image other(digest_of("another layer"));
  const auto archive = docker();
  const auto put = other.put_into(*archive);
  ASSERT_FALSE(put);
  EXPECT_NE(put.error().message().find("but the image's config says"), std::string::npos);
}

TEST_F(ArchiveWriter, has_no_index_for_docker) {
  const auto archive = docker();
  const RawManifest index{"{}", std::string(oci::media_type::kIndex), digest_of("{}")};
  const auto put = archive->put_manifest(index);
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().message(), "A takes the image of one platform, and no index");
}

TEST_F(ArchiveWriter, is_no_directory) {
  const auto made = ArchiveFile::create(dir_.path(), ArchiveFile::Late::No);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message(), dir_.path() + " must be a file, not a directory");
  EXPECT_FALSE(ArchiveFile::create(dir_ / "no/such/archive", ArchiveFile::Late::No));
}

TEST(late_header, takes_a_size_beyond_the_octal_digits) {
  for (const uint64_t size : {uint64_t{5}, uint64_t{8} << 30, uint64_t{1} << 40}) {
    TarEntry entry;
    entry.name = "layer.tar";
    entry.size = size;
    std::string header = late_header(entry);
    ASSERT_EQ(header.size(), 512U);
    MemorySource bytes(std::as_bytes(std::span(header)));
    BufferedPieces pieces(bytes);
    TarReader reader(pieces);
    TarEntry read;
    ASSERT_TRUE(reader.next(read)) << size;
    EXPECT_EQ(read.name, "layer.tar");
    EXPECT_EQ(read.size, size);
  }
}

}  // namespace
}  // namespace wolffia::image
