// SPDX-License-Identifier: Apache-2.0
#include "cli/user/values.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/user/limits.hpp"
#include "cli/user/seccomp_file.hpp"

namespace wolffia::cli::user {
namespace {

TEST(values, are_sizes) {
  const auto size = [](std::string_view text) { return parse_size("--x", text); };
  EXPECT_EQ(*size("0"), 0U);
  EXPECT_EQ(*size("10b"), 10U);
  EXPECT_EQ(*size("2K"), 2048U);
  EXPECT_EQ(*size("512m"), 512U << 20U);
  EXPECT_EQ(*size("1GiB"), 1U << 30U);
  for (const char* text : {"", "m", "1x", "-1", "1.5g", "99999999999999999999", "9999999999999t"})
    EXPECT_FALSE(size(text)) << text;
  EXPECT_EQ(size("1x").error().message(), "--x \"1x\" must be a size, as 512m or 2g");
}

TEST(values, are_times) {
  EXPECT_EQ(*parse_duration("--x", "90"), 90U);
  EXPECT_EQ(*parse_duration("--x", "5m"), 300U);
  EXPECT_EQ(*parse_duration("--x", "2h"), 7200U);
  EXPECT_FALSE(parse_duration("--x", "2w"));
}

TEST(values, are_thousandths) {
  EXPECT_EQ(*parse_thousandths("--x", "1.5"), 1500U);
  EXPECT_EQ(*parse_thousandths("--x", "2"), 2000U);
  EXPECT_EQ(*parse_thousandths("--x", "0.125"), 125U);
  for (const char* text : {"", ".", "1.2345", "-1", "a", "1.x"})
    EXPECT_FALSE(parse_thousandths("--x", text)) << text;
}

TEST(values, are_limits_of_processes) {
  const auto limit = parse_ulimit("nofile=10:20");
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit->type, "RLIMIT_NOFILE");
  EXPECT_EQ(limit->soft, 10U);
  EXPECT_EQ(limit->hard, 20U);
  EXPECT_EQ(parse_ulimit("core=unlimited")->hard, UINT64_MAX);
  for (const char* text : {"nofile", "none=1", "nofile=", "nofile=2:1", "nofile=a"})
    EXPECT_FALSE(parse_ulimit(text)) << text;
}

TEST(values, are_lines_of_hosts) {
  EXPECT_EQ(*parse_host_line("db:10.0.0.5"), "10.0.0.5\tdb\n");
  EXPECT_EQ(*parse_host_line("db:[::1]"), "::1\tdb\n");
  EXPECT_EQ(*parse_host_line("db:fe80::1"), "fe80::1\tdb\n");
  for (const char* text : {"db", "db:", ":1.2.3.4", "a b:1.2.3.4", "a\nb:1.2.3.4", "db:host"})
    EXPECT_FALSE(parse_host_line(text)) << text;
}

TEST(values, are_the_variables_of_a_file) {
  ::setenv("WOLFFIA_ONE", "1", 1);
  ::unsetenv("WOLFFIA_TWO");
  const auto env = parse_env_file("f", "# no\n\n A=b c\r\nWOLFFIA_ONE\nWOLFFIA_TWO\nX=\n");
  ASSERT_TRUE(env);
  EXPECT_EQ(*env, (std::vector<std::string>{"A=b c", "WOLFFIA_ONE=1", "X="}));
  EXPECT_FALSE(parse_env_file("f", "=x\n"));
}

TEST(limits, say_what_they_became) {
  RunRequest request;
  request.limits = {.memory = 1 << 20, .cpu_thousandths = 500, .pids = 7};
  request.rlimits = {{"RLIMIT_NPROC", 3, 3}};
  const auto plan = plan_limits(request, {});
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->rlimits.size(), 2U);
  EXPECT_EQ(plan->rlimits[0].type, "RLIMIT_DATA");
  EXPECT_EQ(plan->rlimits[1].soft, 3U);  // --ulimit says it exactly
  ASSERT_EQ(plan->sentences.size(), 3U);
  EXPECT_TRUE(plan->sentences[0].starts_with("--memory: rlimit"));
  EXPECT_TRUE(plan->sentences[1].starts_with("--cpus: not applied"));
}

TEST(limits, are_kept_by_a_cgroup_where_one_is_given) {
  RunRequest request;
  request.limits = {.memory = 1 << 20, .cpu_thousandths = 500, .pids = 7, .strict = true};
  const cgroup::Place place{cgroup::Place::Giver::Systemd, {"cpu", "memory"}, true};
  const auto plan = plan_limits(request, place);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->manager, plan::CgroupManager::Systemd);
  EXPECT_EQ(plan->by_cgroup.memory, 1U << 20);
  EXPECT_EQ(plan->by_cgroup.cpu_thousandths, 500U);
  EXPECT_EQ(plan->by_cgroup.pids, 0U) << "that controller is not offered";
  EXPECT_EQ(plan->kept.size(), 2U);
  ASSERT_EQ(plan->rlimits.size(), 1U);
  EXPECT_EQ(plan->rlimits[0].type, "RLIMIT_NPROC");
}

TEST(limits, that_are_not_applied_are_an_error_when_strict) {
  RunRequest request;
  request.limits = {.memory = 1 << 20, .strict = true};
  EXPECT_TRUE(plan_limits(request, {}));
  request.limits.cpu_thousandths = 1;
  ASSERT_FALSE(plan_limits(request, {}));
  EXPECT_NE(plan_limits(request, {}).error().message().find("--cpus cannot be applied"),
            std::string::npos);
}

TEST(a_seccomp_file, of_docker_keeps_the_rules_that_count_here) {
  const std::string text = R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "archMap": [{"architecture": "SCMP_ARCH_NONE", "subArchitectures": []}],
    "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "errnoRet": 1},
      {"names": ["old"], "action": "SCMP_ACT_ALLOW", "excludes": {"minKernel": "4.0"}},
      {"names": ["new"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.0"}},
      {"names": ["cap"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_X"]}},
      {"names": ["nocap"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_X"]}},
      {"names": ["arch"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["none"]}},
      {"name": "one", "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
       "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]}]})";
  EXPECT_EQ(*convert_seccomp(text, "f", {"CAP_X"}, "5.10.0-1"),
            R"({"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"syscalls":[)"
            R"({"names":["read"],"action":"SCMP_ACT_ALLOW"},{"names":["new"],"action":)"
            R"("SCMP_ACT_ALLOW"},{"names":["cap"],"action":"SCMP_ACT_ALLOW"},)"
            R"({"names":["one"],"action":"SCMP_ACT_ERRNO","errnoRet":1,"args":)"
            R"([{"index":0,"value":8,"valueTwo":0,"op":"SCMP_CMP_EQ"}]}]})");
}

TEST(a_seccomp_file, that_is_none_is_refused) {
  for (const char* text :
       {"", "[]", "{}", R"({"defaultAction": 1})", R"({"defaultAction": "x", "syscalls": [{}]})"})
    EXPECT_FALSE(convert_seccomp(text, "f", {}, "6.1")) << text;
}

}  // namespace
}  // namespace wolffia::cli::user
