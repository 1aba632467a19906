// SPDX-License-Identifier: Apache-2.0
#include "plan/default_profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "plan/capabilities.hpp"
#include "plan/seccomp.hpp"

namespace wolffia::plan {
namespace {

std::set<std::string> named(const oci::Seccomp& profile, std::string_view action) {
  std::set<std::string> names;
  for (const oci::SeccompRule& rule : profile.syscalls)
    if (rule.action == action && rule.args.empty())
      names.insert(rule.names.begin(), rule.names.end());
  return names;
}

TEST(default_profile, lists_every_call_once) {
  std::set<std::string_view> seen;
  for (const CallGroup& group : call_groups())
    for (const std::string_view call : split_calls(group.calls))
      EXPECT_TRUE(seen.insert(call).second) << call;
  EXPECT_GT(seen.size(), 450U);
}

TEST(default_profile, lists_calls_in_order) {
  for (const CallGroup& group : call_groups()) {
    const auto calls = split_calls(group.calls);
    EXPECT_TRUE(std::is_sorted(calls.begin(), calls.end())) << group.purpose;
    EXPECT_FALSE(calls.empty());
  }
}

TEST(default_profile, has_a_rule_for_each_call_told_by_its_arguments) {
  std::set<std::string_view> grouped, ruled;
  for (const CallGroup& group : call_groups())
    if (group.verdict == Verdict::ByArgument)
      for (const std::string_view call : split_calls(group.calls))
        grouped.insert(call);
  for (const ArgumentRule& rule : argument_rules())
    ruled.insert(rule.call);
  EXPECT_EQ(grouped, ruled);
}

TEST(default_profile, is_a_section_that_compiles) {
  const oci::Seccomp profile = default_profile(UINT64_MAX);
  const auto policy = read_policy(profile);
  ASSERT_TRUE(policy) << policy.error().message();
  EXPECT_FALSE(lets_happen(policy->default_action));
}

TEST(default_profile, denies_what_needs_a_capability_the_container_lacks) {
  const std::set<std::string> denied = named(default_profile(0), "SCMP_ACT_ERRNO");
  for (const char* call : {"mount", "unshare", "setns", "chroot", "syslog", "open_by_handle_at"})
    EXPECT_TRUE(denied.contains(call)) << call;
}

TEST(default_profile, opens_with_a_capability_only_what_needs_it) {
  for (const CallGroup& group : call_groups()) {
    if (group.capability < 0) continue;
    const uint64_t held = uint64_t{1} << static_cast<unsigned>(group.capability);
    const std::set<std::string> with = named(default_profile(held), "SCMP_ACT_ALLOW");
    const std::set<std::string> without = named(default_profile(~held), "SCMP_ACT_ALLOW");
    for (const std::string_view call : split_calls(group.calls)) {
      EXPECT_TRUE(with.contains(std::string(call))) << call;
      EXPECT_FALSE(without.contains(std::string(call))) << call;
    }
  }
}

TEST(default_profile, never_opens_what_no_capability_of_a_user_namespace_serves) {
  const std::set<std::string> allowed = named(default_profile(UINT64_MAX), "SCMP_ACT_ALLOW");
  for (const CallGroup& group : call_groups()) {
    if (group.verdict != Verdict::Deny) continue;
    for (const std::string_view call : split_calls(group.calls))
      EXPECT_FALSE(allowed.contains(std::string(call))) << call;
  }
}

// The page is the table in words: packaging/doc/seccomp.md, between the two marks.
std::string verdict_of(const CallGroup& group) {
  const std::string capability =
      group.capability < 0 ? "" : std::string(kCapabilities[static_cast<size_t>(group.capability)]);
  switch (group.verdict) {
    case Verdict::Allow:
      return "yes";
    case Verdict::Deny:
      return "no";
    case Verdict::Needs:
      return cat("with ", capability);
    case Verdict::Hide:
      return cat("with ", capability, ", else ENOSYS");
    case Verdict::ByArgument:
      return "see below";
  }
  return {};
}

std::string page() {
  std::string text = "| what for | allowed | calls |\n|---|---|---|\n";
  for (const CallGroup& group : call_groups())
    text += cat("| ", group.purpose, " | ", verdict_of(group), " | ", group.calls, " |\n");
  text += "\n| call | argument | answer |\n|---|---|---|\n";
  std::string last;
  for (const ArgumentRule& rule : argument_rules()) {
    std::string answer = !rule.error ? "allowed" : *rule.error == EPERM ? "EPERM" : "EINVAL";
    if (rule.capability >= 0)
      answer += cat(rule.error ? " without " : " with ",
                    kCapabilities[static_cast<size_t>(rule.capability)]);
    const std::string line = cat("| ", rule.call, " | ", rule.reason, " | ", answer, " |\n");
    if (line != last) text += line;
    last = line;
  }
  return text;
}

TEST(default_profile, is_documented_call_by_call) {
  std::ifstream file(WOLFFIA_TEST_DATA "/../../packaging/doc/seccomp.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string start = "<!-- the table of default_profile.cpp -->\n", end = "<!-- end -->";
  const size_t from = text.find(start), to = text.find(end);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(text.substr(from + start.size(), to - from - start.size()), page());
}

}  // namespace
}  // namespace wolffia::plan
