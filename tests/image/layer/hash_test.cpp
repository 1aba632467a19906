// SPDX-License-Identifier: Apache-2.0
#include "image/layer/hash.hpp"

#include <gtest/gtest.h>

namespace wolffia::image {
namespace {

TEST(hash, is_that_of_the_standard) {  // FIPS 180-4; the first is image-spec's empty descriptor
  EXPECT_EQ(digest_of("{}").text(),
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  EXPECT_EQ(digest_of("abc", oci::Digest::Algorithm::Sha512).text().substr(0, 30),
            "sha512:ddaf35a193617abacc41734");
}

TEST(hash, does_not_depend_on_how_bytes_come) {
  Hasher hasher;
  hasher.add(std::as_bytes(std::span("ab", 2)));
  hasher.add(std::as_bytes(std::span("c", 1)));
  EXPECT_EQ(hasher.finish(), digest_of("abc"));
}

TEST(hash, chain_ids_are_those_of_the_specification) {
  const auto id = [](char digit) {
    return oci::Digest::parse("sha256:" + std::string(64, digit)).value();
  };
  EXPECT_EQ(chain_id({}, id('a')), id('a'));
  const oci::Digest two = chain_id(id('a'), id('b'));  // printf 'sha256:aa… sha256:bb…' | sha256sum
  EXPECT_EQ(two.text(), "sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c");
  EXPECT_EQ(chain_id(two, id('c')).text(),
            "sha256:c1377126441fb2f5ec2c21ae2a60255331d639e830f0ee1b40a36e52d4c40588");
}

}  // namespace
}  // namespace wolffia::image
