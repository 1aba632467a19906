// SPDX-License-Identifier: Apache-2.0
#include "net/departures.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace wolffia::net {
namespace {

constexpr int kFile = 5;
constexpr int kOther = 6;

Departures of_sizes(std::initializer_list<size_t> sizes) {
  Departures out;
  uint8_t value = 0;
  for (const size_t size : sizes)
    out.add(kFile, std::vector<uint8_t>(size, ++value));
  return out;
}

TEST(departures, take_datagrams_of_one_size_for_one_socket) {
  const Departures it = of_sizes({100, 100});
  EXPECT_TRUE(it.takes(kFile, 100));
  EXPECT_FALSE(it.takes(kOther, 100));
  EXPECT_FALSE(it.takes(kFile, 101));
}

TEST(departures, end_with_a_smaller_one) {
  EXPECT_TRUE(of_sizes({100, 100}).takes(kFile, 40));
  EXPECT_FALSE(of_sizes({100, 40}).takes(kFile, 40));
  EXPECT_FALSE(of_sizes({100, 40}).takes(kFile, 100));
}

TEST(departures, take_none_without_content) {
  EXPECT_FALSE(of_sizes({100}).takes(kFile, 0));
  EXPECT_FALSE(of_sizes({0}).takes(kFile, 0));
}

TEST(departures, fit_into_one_packet) {
  EXPECT_FALSE(of_sizes({40'000}).takes(kFile, 40'000));
  EXPECT_TRUE(of_sizes({30'000}).takes(kFile, 30'000));
}

TEST(departures, are_as_many_as_the_kernel_takes) {
  Departures it;
  for (int i = 0; i < 64; ++i) {
    EXPECT_TRUE(i == 0 || it.takes(kFile, 8)) << i;
    it.add(kFile, std::vector<uint8_t>(8));
  }
  EXPECT_FALSE(it.takes(kFile, 8));
}

TEST(departures, keep_each_as_it_was) {
  const Departures it = of_sizes({3, 3, 2});
  EXPECT_EQ(std::vector(it.at(1).begin(), it.at(1).end()), (std::vector<uint8_t>{2, 2, 2}));
  EXPECT_EQ(std::vector(it.at(2).begin(), it.at(2).end()), (std::vector<uint8_t>{3, 3}));
  EXPECT_EQ(it.count(), 3U);
}

TEST(departures, belong_to_nobody_once_they_are_sent) {
  Departures it = of_sizes({3});
  it.clear();
  EXPECT_EQ(it.count(), 0U);
  EXPECT_EQ(it.file(), -1);
  EXPECT_FALSE(it.takes(kFile, 3));
}

}  // namespace
}  // namespace wolffia::net
