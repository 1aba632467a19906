// SPDX-License-Identifier: Apache-2.0
#include "sys/fd_batch.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <vector>

namespace wolffia::sys {
namespace {

Fd open_null() {
  return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(fd_batch, closes_what_it_was_given_and_nothing_else) {
  std::vector<Fd> kept;
  std::vector<int> given;
  FdBatch batch;
  for (int i = 0; i < 20; ++i) {
    Fd fd = open_null();
    if (i % 3 == 0) {
      kept.push_back(std::move(fd));
    } else {
      given.push_back(fd.get());
      batch.add(std::move(fd));
    }
  }
  batch.close_all();
  for (const int fd : given)
    EXPECT_FALSE(is_open(fd)) << fd;
  for (const Fd& fd : kept)
    EXPECT_TRUE(is_open(fd.get())) << fd.get();
}

TEST(fd_batch, closes_in_any_order_and_when_destroyed) {
  Fd first = open_null();
  Fd second = open_null();
  const int low = first.get();
  const int high = second.get();
  {
    FdBatch batch;
    batch.add(std::move(second));
    batch.add(std::move(first));
    EXPECT_TRUE(is_open(low));
  }
  EXPECT_FALSE(is_open(low));
  EXPECT_FALSE(is_open(high));
}

TEST(fd_batch, never_holds_more_than_a_few) {
  FdBatch batch;
  for (int i = 0; i < 5000; ++i) {
    Fd fd = open_null();
    ASSERT_TRUE(fd) << "after " << i;
    ASSERT_LT(fd.get(), 400);
    batch.add(std::move(fd));
  }
}

TEST(fd_batch, takes_an_empty_descriptor_for_nothing) {
  FdBatch batch;
  batch.add(Fd());
  batch.close_all();
  EXPECT_TRUE(is_open(STDERR_FILENO));
}

}  // namespace
}  // namespace wolffia::sys
