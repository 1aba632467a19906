// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace wolffia {

/// A 64-bit hash of `bytes`, at eight bytes a step: for names and against accidents. Anyone can
/// find two texts with one hash, so whoever trusts a match compares the bytes as well. Each step is
/// a bijection of what it adds, so a change within eight aligned bytes always shows.
inline uint64_t hash_bytes(std::string_view bytes, uint64_t seed = 0) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  uint64_t hash = seed ^ (bytes.size() * kOdd);
  const auto add = [&](uint64_t word) {
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 32;
  };
  while (bytes.size() >= sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    add(word);
    bytes.remove_prefix(sizeof word);
  }
  uint64_t rest = 0;
  std::memcpy(&rest, bytes.data(), bytes.size());
  add(rest);
  add(hash >> 29);
  return hash;
}

}  // namespace wolffia
