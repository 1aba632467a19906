// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/stored.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "image/layer/hash.hpp"
#include "image/layer/inflate.hpp"
#include "image/layer/tar.hpp"
#include "image/store_support.hpp"
#include "image/transfer/copy.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image {
namespace {

/// Takes everything, and has some of it already.
class Taken : public Destination {
 public:
  Result<bool> has(const oci::Descriptor& blob) override {
    return there.contains(blob.digest.text()) || blobs.contains(blob.digest.text());
  }
  Result<void> put(const oci::Descriptor& blob, Source& source) override {
    std::string& bytes = blobs[blob.digest.text()];
    return source.blob(blob, 0, [&](std::span<const std::byte> part) -> Result<void> {
      bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
      return {};
    });
  }
  Result<void> put_manifest(const RawManifest& raw) override {
    manifest = raw.bytes;
    return {};
  }
  Result<void> finish(const RawManifest& /*top*/) override { return {}; }
  std::string name() const override { return "there"; }

  std::set<std::string> there;
  std::map<std::string, std::string> blobs;
  std::string manifest;
};

class Notes : public Progress {
 public:
  void note(std::string_view line) override { text += cat(line, "\n"); }
  void detail(std::string_view /*text*/) override {}
  void begin(const oci::Digest& /*blob*/, uint64_t /*total*/, uint64_t /*done*/) override {}
  void advance(const oci::Digest& /*blob*/, uint64_t /*bytes*/) override {}
  void finish(const oci::Digest& /*blob*/) override {}
  std::string text;
};

/// An image of one layer, whose blob is "packed", in a store.
class Stored : public ::testing::Test {
 protected:
  Stored() {
    add_layer(writer_, 'a');
    manifest_ = R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
                R"("x.more": 1,"config":)" +
                entry("application/vnd.oci.image.config.v1+json", config_) + R"(,"layers":[)" +
                entry("application/vnd.oci.image.layer.v1.tar+gzip", kBlob) + "]}";
    const std::vector keys{std::string(digest('a').hex())};
    value_of(writer_.add_image({.digest = digest_of(manifest_),
                                .manifest = manifest_,
                                .config = config_,
                                .owners = kOneOwner,
                                .keys = keys}));
  }

  static std::string entry(std::string_view type, std::string_view bytes) {
    return cat(R"({"mediaType":")", type, R"(","digest":")", digest_of(bytes).text(),
               R"(","size":)", bytes.size(), "}");
  }

  Result<oci::Digest> send(const std::string& owners = std::string(kOneOwner)) {
    const StoredMeans means{store_, writer_, owners, notes_};
    const auto source = TRY(open_stored(means, digest_of(manifest_), "app:1", to_));
    return copy_image(*source, to_, std::nullopt, notes_);
  }

  static constexpr std::string_view kBlob = "packed";
  TempDir dir_;
  Store store_ = value_of(Store::open(dir_ / "store"));
  Writer writer_ = value_of(Writer::open(store_));
  const std::string config_ = R"({"os":"linux","x.more":[1, 2],"rootfs":{"type":"layers",)"
                              R"("diff_ids":[")" +
                              digest('a').text() + R"("]}})";
  std::string manifest_;
  Notes notes_;
  Taken to_;
};

TEST_F(Stored, goes_as_it_came_where_the_layers_are_there) {
  to_.there.insert(digest_of(kBlob).text());
  EXPECT_EQ(value_of(send()), digest_of(manifest_));
  EXPECT_EQ(to_.manifest, manifest_);
  EXPECT_EQ(to_.blobs.at(digest_of(config_).text()), config_);
  EXPECT_EQ(to_.blobs.size(), 1U);
  EXPECT_EQ(notes_.text, "");
}

TEST_F(Stored, goes_as_it_came_where_blobs_were_kept) {
  Partial part = value_of(writer_.partial(digest_of(kBlob)));
  value_of(sys::write_all(part.file(), kBlob));
  value_of(writer_.keep_blob(std::move(part), digest_of(kBlob)));
  EXPECT_EQ(value_of(send()), digest_of(manifest_));
  EXPECT_EQ(to_.blobs.at(digest_of(kBlob).text()), kBlob);
}

TEST_F(Stored, is_packed_anew_where_there_is_no_other_way) {
  const oci::Digest sent = value_of(send());
  EXPECT_NE(sent, digest_of(manifest_));
  EXPECT_EQ(sent, digest_of(to_.manifest));
  EXPECT_NE(notes_.text.find(sent.text() + " there, and not " + digest_of(manifest_).text()),
            std::string::npos)
      << notes_.text;
  const oci::Manifest manifest = value_of(oci::parse_manifest(to_.manifest, {}, "it"));
  EXPECT_NE(to_.manifest.find(R"("x.more":1)"), std::string::npos);
  const std::string& config = to_.blobs.at(manifest.config.digest.text());
  EXPECT_NE(config.find(R"("x.more":[1, 2])"), std::string::npos);
  const std::string& blob = to_.blobs.at(manifest.layers.at(0).digest.text());
  EXPECT_EQ(blob.size(), manifest.layers[0].size);

  MemorySource packed(std::as_bytes(std::span(blob)));
  const auto bytes = open_inflater(packed, oci::Compression::Gzip);
  std::string tar(1 << 20, '\0');
  tar.resize(value_of(bytes->read(std::as_writable_bytes(std::span(tar)))));
  EXPECT_EQ(value_of(oci::parse_image_config(config, "it")).diff_ids.at(0), digest_of(tar));
  MemorySource plain(std::as_bytes(std::span(tar)));
  BufferedPieces pieces(plain);
  TarReader reader(pieces);
  TarEntry file;
  ASSERT_TRUE(value_of(reader.next(file)));
  EXPECT_EQ(file.name, "file");
  EXPECT_EQ(file.uid, 0U) << "with one id everything is root's";
}

TEST_F(Stored, packs_to_the_same_digest_each_time) {
  const oci::Digest first = value_of(send());
  to_ = Taken();
  EXPECT_EQ(value_of(send()), first);
}

TEST_F(Stored, leaves_nothing_behind) {
  const std::string before = listing(store_.path());
  value_of(send());
  EXPECT_EQ(listing(store_.path()), before);
}

TEST_F(Stored, has_to_be_unpacked_for_these_ids) {
  const auto sent = send("ids-0");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message(), "app:1 was not unpacked for this user's ids");
}

}  // namespace
}  // namespace wolffia::image
