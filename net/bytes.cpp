// SPDX-License-Identifier: Apache-2.0
#include "net/bytes.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

namespace wolffia::net {
namespace {

uint16_t folded(uint64_t sum) {
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

uint16_t inverted(uint16_t value) {
  return static_cast<uint16_t>(value ^ 0xffffU);
}

}  // namespace

namespace {

template <class Word>
uint64_t word_at(Bytes bytes, size_t at) {
  Word word = 0;
  std::memcpy(&word, bytes.data() + at, sizeof word);
  return word;
}

}  // namespace

/// Words of any size add up to the same, in any order of their bytes: RFC 1071, section 2. Several
/// sums side by side need not wait for each other: segments have 64 KiB.
uint16_t checksum(Bytes bytes) {
  constexpr size_t kWord = sizeof(uint32_t);
  std::array<uint64_t, 4> sums{};  // 65,535 bytes cannot overflow one
  constexpr size_t kStep = sums.size() * kWord;
  size_t at = 0;
  for (; at + kStep <= bytes.size(); at += kStep)
    for (size_t i = 0; i < sums.size(); ++i)
      sums[i] += word_at<uint32_t>(bytes, at + i * kWord);
  uint64_t sum = std::accumulate(sums.begin(), sums.end(), uint64_t{0});
  for (; at + kWord <= bytes.size(); at += kWord)
    sum += word_at<uint32_t>(bytes, at);
  std::array<uint8_t, kWord> rest{};
  std::ranges::copy(bytes.subspan(at), rest.begin());
  return inverted(ntohs(folded(sum + word_at<uint32_t>(rest, 0))));
}

uint16_t adjusted(uint16_t sum, uint16_t before, uint16_t after) {
  return inverted(folded(uint32_t{inverted(sum)} + inverted(before) + after));
}

}  // namespace wolffia::net
