// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace wolffia {
namespace {

struct Vector {
  std::string_view bytes, text;
};
// RFC 4648, section 10, and the two characters that it does not use.
constexpr Vector kVectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
};

TEST(base64, agrees_with_the_vectors_of_the_rfc) {
  for (const Vector& vector : kVectors) {
    EXPECT_EQ(base64_encode(vector.bytes), vector.text);
    EXPECT_EQ(base64_decode(vector.text), vector.bytes) << vector.text;
  }
}

TEST(base64, keeps_every_byte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  for (size_t length = 0; length <= bytes.size(); ++length)
    EXPECT_EQ(base64_decode(base64_encode(bytes.substr(0, length))), bytes.substr(0, length));
}

TEST(base64, takes_one_text_for_one_value) {
  for (const std::string_view text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", "Z===", "====", "=",
                                      "Zg==Zg==", "Zm-_", "Zm 9v===", "Zm9\xff"})
    EXPECT_FALSE(base64_decode(text)) << text;
}

}  // namespace
}  // namespace wolffia
