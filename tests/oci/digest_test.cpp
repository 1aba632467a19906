// SPDX-License-Identifier: Apache-2.0
#include "oci/digest.hpp"

#include <gtest/gtest.h>

namespace wolffia::oci {
namespace {

TEST(digest, takes_both_algorithms) {
  const std::string hex(64, 'a');
  const auto small = Digest::parse("sha256:" + hex);
  ASSERT_TRUE(small);
  EXPECT_EQ(small->hex(), hex);
  EXPECT_EQ(small->algorithm(), Digest::Algorithm::Sha256);
  const auto large = Digest::parse("sha512:" + std::string(128, '0'));
  ASSERT_TRUE(large);
  EXPECT_EQ(large->algorithm(), Digest::Algorithm::Sha512);
}

TEST(digest, takes_nothing_that_could_be_a_path) {
  const std::string hex(63, 'a');
  for (const std::string& wrong :
       {std::string(), std::string("sha256:"), "sha256:" + hex, "sha256:" + hex + "A",
        "sha256:" + hex + "aa", "sha256:../../x" + std::string(56, 'a'), "SHA256:" + hex + "a",
        "md5:" + std::string(32, 'a'), "sha512:" + hex + "a", hex + "a"})
    EXPECT_FALSE(Digest::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace wolffia::oci
