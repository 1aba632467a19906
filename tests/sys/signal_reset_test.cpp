// SPDX-License-Identifier: Apache-2.0
#include "sys/signal_reset.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace wolffia::sys {
namespace {

/// Writes to a pipe that nobody reads; the errno of that.
int write_to_nobody() {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ::close(ends[0]);
  const ssize_t written = ::write(ends[1], "x", 1);
  const int error = written < 0 ? errno : 0;
  ::close(ends[1]);
  return error;
}

TEST(ignore_sigpipe, makes_a_reader_that_left_an_error) {
  const IgnoreSigpipe ignore;
  EXPECT_EQ(write_to_nobody(), EPIPE);
}

TEST(ignore_sigpipe, leaves_no_signal_waiting_where_it_is_blocked) {
  sigset_t pipe_signal;
  sigset_t before;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  ::sigprocmask(SIG_BLOCK, &pipe_signal, &before);
  {
    const IgnoreSigpipe ignore;
    EXPECT_EQ(write_to_nobody(), EPIPE);
  }
  sigset_t waiting;
  ::sigpending(&waiting);
  EXPECT_EQ(::sigismember(&waiting, SIGPIPE), 0);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace wolffia::sys
