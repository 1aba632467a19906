// SPDX-License-Identifier: Apache-2.0
#include "plan/seccomp.hpp"

#include <gtest/gtest.h>
#include <linux/seccomp.h>

#include "oci/seccomp_names.hpp"

namespace wolffia::plan {
namespace {

oci::Seccomp section(std::string default_action) {
  oci::Seccomp made;
  made.default_action = std::move(default_action);
  return made;
}

oci::Seccomp with_rule(oci::SeccompRule rule) {
  oci::Seccomp made = section("SCMP_ACT_ALLOW");
  made.syscalls.push_back(std::move(rule));
  return made;
}

std::string refusal(const oci::Seccomp& section) {
  const Result<FilterPolicy> policy = read_policy(section);
  return policy ? "accepted" : policy.error().message();
}

TEST(seccomp, knows_every_action_of_the_specification) {
  for (const std::string_view word : oci::kSeccompActions) {
    oci::Seccomp wanted = with_rule({{"mkdir"}, std::string(word), {}, {}});
    wanted.listener_path = "/run/agent.sock";
    EXPECT_EQ(refusal(wanted), "accepted") << word;
  }
}

TEST(seccomp, notifies_through_a_listener_of_one_thread) {
  oci::Seccomp wanted = with_rule({{"mkdir"}, "SCMP_ACT_NOTIFY", {}, {}});
  wanted.listener_path = "/run/agent.sock";
  wanted.flags = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
                  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  const Result<FilterPolicy> policy = read_policy(wanted);
  ASSERT_TRUE(policy);
  EXPECT_TRUE(policy->notifies);
  EXPECT_EQ(policy->flags, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_LOG |
                               SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  EXPECT_EQ(policy->rules[0].action, SECCOMP_RET_USER_NOTIF);
}

TEST(seccomp, has_no_listener_where_nothing_is_notified_of) {
  oci::Seccomp wanted = with_rule({{"mkdir"}, "SCMP_ACT_ERRNO", {}, {}});
  wanted.listener_path = "/run/agent.sock";
  wanted.flags = {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  const Result<FilterPolicy> policy = read_policy(wanted);
  EXPECT_FALSE(policy->notifies);
  EXPECT_EQ(policy->flags, 0U);
}

TEST(seccomp, refuses_notifications_that_cannot_be_answered) {
  EXPECT_EQ(refusal(with_rule({{"mkdir"}, "SCMP_ACT_NOTIFY", {}, {}})),
            "linux.seccomp.listenerPath must name the socket of whoever answers SCMP_ACT_NOTIFY");
  EXPECT_EQ(refusal(section("SCMP_ACT_NOTIFY")),
            "linux.seccomp.defaultAction must not be SCMP_ACT_NOTIFY: name the system calls to be "
            "told of in syscalls");
  for (const char* call : {"sendmsg", "write"})
    EXPECT_EQ(refusal(with_rule({{"mkdir", call}, "SCMP_ACT_NOTIFY", {}, {}})),
              cat("linux.seccomp.syscalls[0].action: SCMP_ACT_NOTIFY cannot be used for the ", call,
                  " system call, which starting a process takes: leave it out"));
}

TEST(seccomp, gives_eperm_where_no_errno_is_written) {
  const Result<FilterPolicy> policy = read_policy(section("SCMP_ACT_ERRNO"));
  EXPECT_EQ(policy->default_action, SECCOMP_RET_ERRNO | EPERM);
}

TEST(seccomp, takes_the_errno_written) {
  oci::Seccomp wanted = with_rule({{"chown"}, "SCMP_ACT_ERRNO", 0U, {}});
  wanted.default_action = "SCMP_ACT_ERRNO";
  wanted.default_errno_ret = ENOSYS;
  const Result<FilterPolicy> policy = read_policy(wanted);
  EXPECT_EQ(policy->default_action, SECCOMP_RET_ERRNO | ENOSYS);
  EXPECT_EQ(policy->rules[0].action, SECCOMP_RET_ERRNO);
}

TEST(seccomp, refuses_an_errno_for_an_action_without_one) {
  EXPECT_EQ(refusal(with_rule({{"chown"}, "SCMP_ACT_KILL", 1U, {}})),
            "linux.seccomp.syscalls[0].errnoRet: SCMP_ACT_KILL takes no errno");
}

TEST(seccomp, refuses_an_errno_that_would_spill_into_the_action) {
  EXPECT_EQ(refusal(with_rule({{"chown"}, "SCMP_ACT_ERRNO", 4096U, {}})),
            "linux.seccomp.syscalls[0].errnoRet must be at most 4095");
  oci::Seccomp wanted = section("SCMP_ACT_TRACE");
  wanted.default_errno_ret = 65536;
  EXPECT_EQ(refusal(wanted), "linux.seccomp.defaultErrnoRet must be at most 65535");
}

TEST(seccomp, allows_speculation_unless_flags_are_written) {
  oci::Seccomp wanted = section("SCMP_ACT_ALLOW");
  EXPECT_EQ(read_policy(wanted)->flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
  wanted.flags.emplace();
  EXPECT_EQ(read_policy(wanted)->flags, 0U);
}

TEST(seccomp, passes_flags_on_but_for_those_of_a_listener) {
  oci::Seccomp wanted = section("SCMP_ACT_ALLOW");
  wanted.flags.emplace(oci::kSeccompFlags.begin(), oci::kSeccompFlags.end());
  EXPECT_EQ(read_policy(wanted)->flags,
            SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
  wanted.flags = {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_NEW_LISTENER"};
  EXPECT_EQ(refusal(wanted), "linux.seccomp.flags[1]: unknown SECCOMP_FILTER_FLAG_NEW_LISTENER");
}

TEST(seccomp, knows_every_comparison_of_the_specification) {
  for (const std::string_view op : oci::kSeccompOperators)
    EXPECT_EQ(refusal(with_rule({{"ioctl"}, "SCMP_ACT_KILL", {}, {{1, 2, 3, std::string(op)}}})),
              "accepted")
        << op;
  EXPECT_EQ(refusal(with_rule({{"ioctl"}, "SCMP_ACT_KILL", {}, {{1, 2, 3, "EQ"}}})),
            "linux.seccomp.syscalls[0].args[0]: unknown comparison EQ");
}

TEST(seccomp, reads_the_mask_from_value_and_the_number_from_value_two) {
  const auto policy = read_policy(
      with_rule({{"clone"}, "SCMP_ACT_KILL", {}, {{0, 0xff, 2, "SCMP_CMP_MASKED_EQ"}}}));
  EXPECT_EQ(policy->rules[0].tests[0], (ArgTest{0, Compare::MaskedEq, 2, 0xff}));
}

TEST(seccomp, keeps_tests_of_different_arguments_together) {
  const auto policy = read_policy(with_rule(
      {{"socket"}, "SCMP_ACT_KILL", {}, {{0, 16, 0, "SCMP_CMP_EQ"}, {2, 9, 0, "SCMP_CMP_EQ"}}}));
  ASSERT_EQ(policy->rules.size(), 1U);
  EXPECT_EQ(policy->rules[0].tests.size(), 2U);
}

TEST(seccomp, makes_alternatives_of_two_tests_of_one_argument) {
  const auto policy = read_policy(with_rule(
      {{"socket"}, "SCMP_ACT_KILL", {}, {{0, 16, 0, "SCMP_CMP_EQ"}, {0, 9, 0, "SCMP_CMP_EQ"}}}));
  ASSERT_EQ(policy->rules.size(), 2U);
  EXPECT_EQ(policy->rules[0].tests, (std::vector{ArgTest{0, Compare::Eq, 16}}));
  EXPECT_EQ(policy->rules[1].tests, (std::vector{ArgTest{0, Compare::Eq, 9}}));
}

TEST(seccomp, orders_actions_as_the_kernel_does) {
  const std::vector<uint32_t> strictest_first = {
      SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
      SECCOMP_RET_TRACE,        SECCOMP_RET_LOG,         SECCOMP_RET_ALLOW};
  for (size_t i = 1; i < strictest_first.size(); ++i)
    EXPECT_LT(permissiveness(strictest_first[i - 1]), permissiveness(strictest_first[i]));
  EXPECT_EQ(permissiveness(SECCOMP_RET_ERRNO | EPERM), permissiveness(SECCOMP_RET_ERRNO | ENOSYS));
}

TEST(seccomp, knows_what_lets_a_call_happen) {
  for (const uint32_t action : {SECCOMP_RET_ALLOW, SECCOMP_RET_LOG, SECCOMP_RET_TRACE | EPERM})
    EXPECT_TRUE(lets_happen(action));
  for (const uint32_t action : {SECCOMP_RET_ERRNO, SECCOMP_RET_TRAP, SECCOMP_RET_KILL_PROCESS})
    EXPECT_FALSE(lets_happen(action));
}

}  // namespace
}  // namespace wolffia::plan
