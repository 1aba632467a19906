// SPDX-License-Identifier: Apache-2.0
#include "net/pipes.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <vector>

namespace wolffia::net {
namespace {

int size_of(const Pipe& pipe) {
  return ::fcntl(pipe.in.get(), F_GETPIPE_SZ);
}

TEST(pipes, are_taken_again) {
  Pipes pipes;
  Pipe first = pipes.take().value();
  const int file = first.in.get();
  pipes.give(std::move(first));
  EXPECT_EQ(pipes.take().value().in.get(), file);
}

TEST(pipes, that_hold_something_are_not) {
  Pipes pipes;
  Pipe first = pipes.take().value();
  ASSERT_EQ(::write(first.in.get(), "old", 3), 3);
  first.held = 3;
  pipes.give(std::move(first));
  const Pipe second = pipes.take().value();
  char byte = 0;
  EXPECT_EQ(::read(second.out.get(), &byte, 1), -1);
}

TEST(pipes, are_smaller_where_many_are_lent) {
  Pipes pipes;
  std::vector<Pipe> lent;
  for (int i = 0; i < 200; ++i)
    lent.push_back(pipes.take().value());
  EXPECT_LE(size_of(lent.back()), 4096);
  EXPECT_GT(size_of(lent.front()), 4096);
}

}  // namespace
}  // namespace wolffia::net
