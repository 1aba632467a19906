// SPDX-License-Identifier: Apache-2.0
#include "sys/signal.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace wolffia::sys {
namespace {

TEST(signal, is_known_by_name_and_number) {
  for (const char* word : {"TERM", "SIGTERM", "sigterm", "Term", "15"})
    EXPECT_EQ(parse_signal(word), SIGTERM) << word;
  EXPECT_EQ(parse_signal("HUP"), SIGHUP);
  EXPECT_EQ(parse_signal("31"), SIGSYS);
}

TEST(signal, is_known_by_its_other_name) {
  EXPECT_EQ(parse_signal("SIGPOLL"), SIGPOLL);
  EXPECT_EQ(parse_signal("IO"), SIGIO);
  EXPECT_EQ(parse_signal("CLD"), SIGCHLD);
  EXPECT_EQ(parse_signal("IOT"), SIGABRT);
}

TEST(signal, may_be_a_realtime_one) {
  EXPECT_EQ(parse_signal("RTMIN"), SIGRTMIN);
  EXPECT_EQ(parse_signal("SIGRTMIN+3"), SIGRTMIN + 3);
  EXPECT_EQ(parse_signal("rtmax-1"), SIGRTMAX - 1);
  EXPECT_EQ(parse_signal("64"), 64);
}

TEST(signal, is_nothing_else) {
  for (const char* word : {"", "0", "-1", "65", "15x", " 15", "SIG", "SIGSIGTERM", "TERMINATE",
                           "RTMIN-1", "RTMAX+1", "RTMIN+99", "RTMIN+", "99999999999", "SIG15"})
    EXPECT_EQ(parse_signal(word), std::nullopt) << word;
}

TEST(held_signals, are_given_out_and_not_delivered) {
  auto held = HeldSignals::hold().value();
  ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);  // would end this test
  EXPECT_EQ(*held.take(), SIGTERM);
  EXPECT_EQ(*held.take(), std::nullopt);
}

TEST(held_signals, are_not_held_any_more_afterwards) {
  sigset_t mask;
  { const auto held = HeldSignals::hold(); }
  ASSERT_EQ(::sigprocmask(SIG_SETMASK, nullptr, &mask), 0);
  EXPECT_EQ(::sigismember(&mask, SIGTERM), 0);
}

TEST(held_signals, leave_out_those_of_job_control_and_of_faults) {
  const auto held = HeldSignals::hold();
  sigset_t mask;
  ASSERT_EQ(::sigprocmask(SIG_SETMASK, nullptr, &mask), 0);
  for (const int signal : {SIGTTIN, SIGTTOU, SIGSEGV, SIGBUS})
    EXPECT_EQ(::sigismember(&mask, signal), 0) << signal;
  EXPECT_EQ(::sigismember(&mask, SIGTSTP), 1);
}

}  // namespace
}  // namespace wolffia::sys
