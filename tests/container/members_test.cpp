// SPDX-License-Identifier: Apache-2.0
#include "container/members.hpp"

#include "container/fixture.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

TEST(members, a_family_that_has_ended_by_itself_is_ended) {
  StandIn init;
  const auto process = sys::open_pidfd(init.pid());
  ASSERT_TRUE(process);
  const pid_t pid = init.pid();
  init.end();
  EXPECT_TRUE(end_family(*process, pid));
}

TEST(members, a_family_is_ended_with_all_its_members) {
  int open[2];
  ASSERT_EQ(::pipe2(open, O_CLOEXEC), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::fork();
    for (;;)
      ::pause();
  }
  ::close(open[1]);
  const auto process = sys::open_pidfd(pid);
  ASSERT_TRUE(process);
  EXPECT_TRUE(end_family(*process, pid));
  char byte = 0;
  EXPECT_EQ(::read(open[0], &byte, 1), 0);  // nobody holds the other end any more
  ::close(open[0]);
  ::waitpid(pid, nullptr, 0);
}

}  // namespace
}  // namespace wolffia::container
