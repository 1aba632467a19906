// SPDX-License-Identifier: Apache-2.0
#include "base/hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace wolffia {
namespace {

TEST(hash, is_the_same_for_the_same_bytes) {
  EXPECT_EQ(hash_bytes("duckweed"), hash_bytes(std::string("duckweed")));
}

TEST(hash, depends_on_length_and_seed) {
  std::set<uint64_t> seen;
  for (size_t size = 0; size < 100; ++size) {
    const std::string zeros(size, '\0');
    EXPECT_TRUE(seen.insert(hash_bytes(zeros)).second) << size;
    EXPECT_TRUE(seen.insert(hash_bytes(zeros, 1)).second) << size;
  }
}

TEST(hash, shows_every_flipped_bit) {
  const std::string text = "the smallest flowering plant";
  std::set<uint64_t> seen = {hash_bytes(text)};
  for (size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_TRUE(seen.insert(hash_bytes(other)).second) << bit;
  }
}

}  // namespace
}  // namespace wolffia
