// SPDX-License-Identifier: Apache-2.0
#include "image/layer/inflate.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <functional>
#include <string>

#include "image/layer/inflate_parts.hpp"

using namespace wolffia;
using oci::Compression;

namespace {

std::string gzipped(const std::string& text) {
  z_stream state{};
  EXPECT_EQ(deflateInit2(&state, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&state, text.size()) + 64, '\0');
  std::string in = text;
  state.next_in = reinterpret_cast<Bytef*>(in.data());
  state.avail_in = static_cast<uInt>(in.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&state, Z_FINISH), Z_STREAM_END);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

std::string zstd_frame(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

/// Bytes that arrive a few at a time, as over a network.
class Dripping : public image::ByteSource {
 public:
  Dripping(std::string_view bytes, size_t at_once) : left_(bytes), at_once_(at_once) {}
  Result<size_t> read(std::span<std::byte> into) override {
    const size_t n = std::min({into.size(), left_.size(), at_once_});
    std::memcpy(into.data(), left_.data(), n);
    left_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view left_;
  size_t at_once_;
};

using Open = std::function<std::unique_ptr<image::ByteSource>(image::ByteSource&)>;

struct Way {
  const char* name;
  Open open;
  bool gzip;
};

/// Every decompressor this build has; zlib stands in where there is no ISA-L.
std::vector<Way> all_ways() {
  std::vector<Way> ways{{"zlib", image::inflate::make_zlib, true},
                        {"zstd", image::inflate::make_zstd, false}};
  Dripping none("", 1);
  if (image::inflate::make_isal(none)) ways.push_back({"isal", image::inflate::make_isal, true});
  return ways;
}

Result<std::string> read_whole(image::ByteSource& from, size_t piece) {
  std::string all;
  std::vector<std::byte> buffer(piece);
  for (;;) {
    const size_t n = TRY(from.read(buffer));
    if (n == 0) return all;
    all.append(reinterpret_cast<const char*>(buffer.data()), n);
  }
}

Result<std::string> through(const Way& way, const std::string& bytes, size_t at_once = 100'000,
                            size_t piece = 65'536) {
  Dripping from(bytes, at_once);
  return read_whole(*way.open(from), piece);
}

std::string packed(const Way& way, const std::string& text) {
  return way.gzip ? gzipped(text) : zstd_frame(text);
}

/// Compresses to about half.
std::string sample_text(size_t size) {
  std::string text;
  uint64_t state = 1;
  while (text.size() < size) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    text += std::to_string(state >> 40);
    text += " and some words that come again and again ";
  }
  return text;
}

}  // namespace

TEST(inflate, gives_back_what_was_packed_whatever_the_pieces) {
  const std::string text = sample_text(300'000);
  for (const Way& way : all_ways())
    for (const size_t at_once : {1U, 7U, 4096U, 1'000'000U})
      for (const size_t piece : {1000U, 70'000U, 1'000'000U}) {
        const auto out = through(way, packed(way, text), at_once, piece);
        ASSERT_TRUE(out) << way.name << ": " << out.error().message();
        EXPECT_TRUE(*out == text) << way.name << " " << at_once << " " << piece;
      }
}

TEST(inflate, further_members_and_frames_belong_to_the_stream) {
  for (const Way& way : all_ways()) {
    const std::string bytes = packed(way, "first ") + packed(way, "") + packed(way, "second");
    for (const size_t at_once : {1U, 1000U})
      EXPECT_EQ(through(way, bytes, at_once).value(), "first second") << way.name;
  }
}

TEST(inflate, skippable_frames_are_skipped) {
  const Way zstd{"zstd", image::inflate::make_zstd, false};
  const std::string skippable = std::string("\x50\x2a\x4d\x18\x03\0\0\0", 8) + "abc";
  EXPECT_EQ(through(zstd, skippable + zstd_frame("text") + skippable).value(), "text");
}

TEST(inflate, a_stream_that_is_cut_anywhere_is_an_error) {
  const std::string text = sample_text(3000);
  for (const Way& way : all_ways()) {
    const std::string whole = packed(way, text);
    for (size_t size = 1; size < whole.size(); ++size) {
      const auto out = through(way, whole.substr(0, size));
      ASSERT_FALSE(out) << way.name << " cut at " << size;
      EXPECT_EQ(out.error().code(), EIO) << way.name << " cut at " << size;
    }
  }
}

TEST(inflate, a_wrong_checksum_or_length_is_an_error) {
  for (const Way& way : all_ways()) {
    if (!way.gzip) continue;
    for (const size_t from_end : {1U, 4U, 5U, 8U}) {
      std::string bytes = gzipped("some text");
      bytes[bytes.size() - from_end] = static_cast<char>(bytes[bytes.size() - from_end] ^ 1);
      const auto out = through(way, bytes);
      ASSERT_FALSE(out) << way.name << " " << from_end;
      EXPECT_EQ(out.error().code(), EINVAL);
    }
  }
}

TEST(inflate, what_is_not_compressed_is_an_error) {
  for (const Way& way : all_ways())
    for (const std::string& bytes :
         {std::string(600, 'x'), packed(way, "text") + "garbage behind"}) {
      const auto out = through(way, bytes);
      ASSERT_FALSE(out) << way.name;
      EXPECT_EQ(out.error().code(), EINVAL) << way.name;
    }
  Dripping nothing("", 1);
  const auto none = read_whole(*image::open_inflater(nothing, Compression::Gzip), 100);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), EINVAL);
}

TEST(inflate, bombs_are_stopped_at_the_ratio) {
  const std::string zeros(8'000'000, '\0');
  for (const Compression how : {Compression::Gzip, Compression::Zstd}) {
    const std::string bytes = how == Compression::Gzip ? gzipped(zeros) : zstd_frame(zeros);
    const image::InflateLimits strict{.ratio = 100, .free = 1'000'000};
    Dripping from(bytes, 4096);
    const auto out = read_whole(*image::open_inflater(from, how, strict), 65'536);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code(), E2BIG);
    const image::InflateLimits roomy{.ratio = 100, .free = 10'000'000};
    Dripping again(bytes, 4096);
    EXPECT_EQ(read_whole(*image::open_inflater(again, how, roomy), 65'536).value().size(),
              zeros.size());
  }
}

TEST(inflate, a_window_beyond_the_bound_is_refused) {
  // Magic, a descriptor without single segment, a window, an empty last raw block. RFC
  // 8878, 3.1.1.1.2: five bits of exponent, above 2^10, and three of eighths.
  const auto frame = [](char window) {
    return std::string("\x28\xb5\x2f\xfd\x00", 5) + window + std::string("\x01\x00\x00", 3);
  };
  const Way zstd{"zstd", image::inflate::make_zstd, false};
  EXPECT_TRUE(through(zstd, frame('\x80'))) << "64 MiB";
  for (const char window : {'\x81', '\x88', '\xa8'}) {
    const auto out = through(zstd, frame(window));
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code(), E2BIG);
  }
}
