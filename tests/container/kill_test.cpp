// SPDX-License-Identifier: Apache-2.0
#include "container/kill.hpp"

#include "container/fixture.hpp"
#include "container/processes.hpp"

namespace wolffia::container {
namespace {

using KillTest = StoreTest;

int signal_that_ended(pid_t pid) {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
  return info.si_status;
}

TEST_F(KillTest, sends_the_signal_to_init) {
  const StandIn init;
  record("box", init);
  ASSERT_TRUE(kill(store_, "box", SIGUSR1, Reach::Init));
  EXPECT_EQ(signal_that_ended(init.pid()), SIGUSR1);
}

TEST_F(KillTest, of_a_stopped_container_says_so) {
  StandIn init;
  record("box", init);
  init.end();
  const auto sent = kill(store_, "box", SIGTERM, Reach::Init);
  ASSERT_FALSE(sent);
  EXPECT_NE(sent.error().message().find("container not running"), std::string::npos);
}

TEST_F(KillTest, of_an_unknown_container_says_so) {
  const auto sent = kill(store_, "box", SIGTERM, Reach::Init);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message(), "container box does not exist");
}

TEST_F(KillTest, reaches_descendants_with_all) {
  int ready[2];
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  const pid_t init = ::fork();
  if (init == 0) {
    ::fork();
    (void)!::write(ready[1], "x", 1);
    for (;;)
      ::pause();
  }
  ::close(ready[1]);
  char words[2];
  ASSERT_EQ(::read(ready[0], words, 1), 1);
  ASSERT_EQ(::read(ready[0], words, 1), 1);
  State state = state_of("box", init);
  state.own_pid_namespace = false;
  record(state);
  EXPECT_EQ(processes(store_, "box")->size(), 2U);
  ASSERT_TRUE(kill(store_, "box", SIGTERM, Reach::All));
  EXPECT_EQ(::read(ready[0], words, 1), 0);  // the last of them is gone
  ::close(ready[0]);
  ::waitpid(init, nullptr, 0);
}

/// Init of a new pid namespace, with one child; its pid, or 0 where the kernel lets us make none.
pid_t start_namespace(int report) {
  const pid_t outer = ::fork();
  if (outer == 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0) ::_exit(1);
    const pid_t init = ::fork();
    if (init == 0) {
      if (::fork() == 0) ::execl("/bin/sleep", "sleep", "1000", nullptr);
      ::execl("/bin/sleep", "sleep", "1000", nullptr);
    }
    (void)!::write(report, &init, sizeof init);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(outer, &status, 0);
  return status;
}

TEST_F(KillTest, finds_every_process_of_a_pid_namespace_and_no_other) {
  int report[2];
  ASSERT_EQ(::pipe2(report, O_CLOEXEC), 0);
  if (start_namespace(report[1]) != 0) GTEST_SKIP() << "no user namespaces here";
  pid_t init = 0;
  ASSERT_EQ(::read(report[0], &init, sizeof init), static_cast<ssize_t>(sizeof init));
  ::close(report[1]);
  char end = 0;
  ASSERT_EQ(::read(report[0], &end, 1), 0);  // both have executed their program
  ::close(report[0]);
  record(state_of("box", init));
  const auto pids = processes(store_, "box");
  ASSERT_TRUE(pids) << pids.error().message();
  EXPECT_EQ(pids->size(), 2U);
  EXPECT_EQ(pids->front(), init);
  EXPECT_TRUE(kill(store_, "box", SIGKILL, Reach::All));
}

}  // namespace
}  // namespace wolffia::container
