// SPDX-License-Identifier: Apache-2.0
#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

oci::Process process() {
  return *bundle().process;
}

Result<ProcessPlan> plan_of(const oci::Process& process) {
  std::vector<std::string> notices;
  return make_process_plan(process, options(), {}, notices);
}

std::string refusal_of(const oci::Process& process) {
  const auto plan = plan_of(process);
  return plan ? std::string() : plan.error().message();
}

TEST(process, environment_entries_are_unique_and_the_last_value_wins) {
  oci::Process one = process();
  one.env = {"PATH=/bin", "A=1", "PATH=/usr/bin", "AB=2", "A="};
  EXPECT_EQ(plan_of(one)->env, (std::vector<std::string>{"PATH=/usr/bin", "A=", "AB=2"}));
}

TEST(process, a_value_may_hold_newlines_and_equals_signs) {
  oci::Process one = process();
  one.env = {"A=b=c\nd"};
  EXPECT_EQ(plan_of(one)->env, one.env);
}

TEST(process, home_is_left_to_whoever_knows_the_passwd_inside) {
  EXPECT_TRUE(plan_of(process())->env.empty());
}

TEST(process, what_the_bundle_does_not_say_stays_unset) {
  const ProcessPlan plan = std::move(plan_of(process())).value();
  EXPECT_FALSE(plan.umask.has_value());
  EXPECT_FALSE(plan.oom_score_adj.has_value());
  EXPECT_FALSE(plan.no_new_privileges);
  EXPECT_FALSE(plan.terminal);
}

TEST(process, a_console_size_needs_a_terminal) {
  oci::Process one = process();
  one.console_size = oci::ConsoleSize{24, 80};
  EXPECT_EQ(plan_of(one)->console_size.width, 0U);
  one.terminal = true;
  EXPECT_EQ(plan_of(one)->console_size.width, 80U);
}

TEST(process, options_of_the_command_line_are_carried) {
  Options how = options();
  how.new_keyring = false;
  how.preserve_fds = 2;
  const ProcessPlan plan = *planned(bundle(), ana(), how).process;
  EXPECT_FALSE(plan.new_keyring);
  EXPECT_EQ(plan.preserve_fds, 2U);
}

TEST(process, personality_comes_from_the_linux_section) {
  oci::Spec spec = bundle();
  spec.linux.personality = 8;
  EXPECT_EQ(planned(spec, ana()).process->personality, 8U);
}

TEST(process, schedulers_are_carried) {
  oci::Process one = process();
  one.scheduler.emplace();
  one.scheduler->policy = SCHED_BATCH;
  one.scheduler->nice = 19;
  one.scheduler->flags = 1;
  EXPECT_EQ(plan_of(one)->scheduler->nice, 19);
  one.scheduler = {.policy = SCHED_RR, .priority = 99};
  EXPECT_EQ(plan_of(one)->scheduler->priority, 99);
  one.scheduler = {.policy = SCHED_DEADLINE, .runtime = 1, .deadline = 2, .period = 3};
  EXPECT_EQ(plan_of(one)->scheduler->period, 3U);
}

TEST(process, schedulers_that_no_kernel_could_set_are_refused) {
  oci::Process one = process();
  one.scheduler = {.policy = 4};
  EXPECT_EQ(refusal_of(one), "process.scheduler.policy SCHED_ISO is in no kernel");
  one.scheduler = {.flags = 1 << 6};
  EXPECT_EQ(refusal_of(one),
            "process.scheduler.flags: SCHED_FLAG_UTIL_CLAMP_MAX needs a value, and config.json has "
            "no field for it");
  for (const int priority : {0, 100}) {
    one.scheduler = {.policy = SCHED_FIFO, .priority = priority};
    EXPECT_EQ(refusal_of(one), "process.scheduler.priority must be from 1 to 99");
  }
}

TEST(process, scheduler_fields_that_the_policy_does_not_know_are_refused) {
  oci::Process one = process();
  one.scheduler = {.priority = 1};
  EXPECT_NE(refusal_of(one).find("process.scheduler.priority"), std::string::npos);
  one.scheduler = {.deadline = 1};
  EXPECT_NE(refusal_of(one).find("SCHED_DEADLINE"), std::string::npos);
  one.scheduler = {.nice = 20};
  EXPECT_EQ(refusal_of(one), "process.scheduler.nice must be from -20 to 19");
}

TEST(process, cpu_affinity_of_exec_is_not_the_first_processes) {
  oci::Process one = process();
  one.exec_cpus_initial = {1};
  std::vector<std::string> notices;
  EXPECT_TRUE(make_process_plan(one, {}, {}, notices)->cpus.empty());
}

TEST(process, a_bundle_without_process_has_no_process_plan) {
  oci::Spec spec = bundle();
  spec.process.reset();
  EXPECT_FALSE(planned(spec, ana()).process.has_value());
}

}  // namespace
}  // namespace wolffia::plan::test
