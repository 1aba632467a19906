// SPDX-License-Identifier: Apache-2.0
#include "image/layer/peeked.hpp"

#include <gtest/gtest.h>

#include "sys/file.hpp"

namespace wolffia::image {
namespace {

using namespace std::string_view_literals;

Result<oci::Compression> packing(std::string_view head) {
  return compression_of(std::as_bytes(std::span(head)));
}

TEST(compression_of, is_told_by_the_first_bytes) {
  EXPECT_EQ(packing("\x1f\x8b\x08"sv).value(), oci::Compression::Gzip);
  EXPECT_EQ(packing("\x28\xb5\x2f\xfd"sv).value(), oci::Compression::Zstd);
  for (const std::string_view plain : {""sv, "\x1f"sv, "name"sv, "BZ"sv, "\0\0\0\0\0\0\0\0"sv})
    EXPECT_EQ(packing(plain).value(), oci::Compression::None) << plain;
}

TEST(compression_of, names_what_is_not_read) {
  EXPECT_EQ(packing("\xfd"
                    "7zXZ\0\0"sv)
                .error()
                .message(),
            "is packed with xz, which is not read: unpack it with xz -d");
  EXPECT_TRUE(packing("BZh91AY"sv).error().is(ENOTSUP));
}

TEST(peeked_source, gives_all_bytes_of_a_pipe_whatever_comes_at_a_time) {
  for (const std::string_view text : {""sv, "short"sv, "\x1f\x8bmore than eight bytes"sv}) {
    auto [reading, writing] = sys::make_pipe(0).value();
    ASSERT_TRUE(sys::write_all(writing, text));
    writing.reset();
    PeekedSource source(reading);
    ASSERT_TRUE(source.compression());
    std::string all;
    std::array<std::byte, 3> buffer{};
    while (const size_t got = source.read(buffer).value())
      all.append(reinterpret_cast<const char*>(buffer.data()), got);
    EXPECT_EQ(all, text);
  }
}

}  // namespace
}  // namespace wolffia::image
