// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "oci/seccomp_names.hpp"
#include "oci/spec_support.hpp"

namespace wolffia::oci {
namespace {

using Strings = std::vector<std::string>;

Seccomp every_field() {
  return *parsed(read_data("valid/every-field.json")).linux.seccomp;
}

TEST(seccomp_section, is_read) {
  const Seccomp seccomp = every_field();
  EXPECT_EQ(seccomp.default_action, "SCMP_ACT_ERRNO");
  EXPECT_EQ(seccomp.default_errno_ret, 38U);
  EXPECT_EQ(seccomp.architectures, (Strings{"SCMP_ARCH_X86_64", "SCMP_ARCH_X32"}));
  EXPECT_EQ(seccomp.flags, Strings{"SECCOMP_FILTER_FLAG_LOG"});
  EXPECT_EQ(seccomp.listener_path, "/run/agent.sock");
  EXPECT_EQ(seccomp.listener_metadata, "opaque } \" ] text");
}

TEST(seccomp_section, absent_flags_differ_from_empty_ones) {
  EXPECT_FALSE(linux_with(R"("seccomp": {"defaultAction": "SCMP_ACT_ALLOW"})").seccomp->flags);
  EXPECT_TRUE(
      linux_with(R"("seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "flags": []})").seccomp->flags);
}

TEST(seccomp_section, rules_are_read) {
  const auto rules = every_field().syscalls;
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].names, (Strings{"read", "write"}));
  EXPECT_EQ(rules[0].action, "SCMP_ACT_ALLOW");
  EXPECT_FALSE(rules[0].errno_ret);
  EXPECT_TRUE(rules[0].args.empty());
  EXPECT_EQ(rules[1].errno_ret, 1U);
  ASSERT_EQ(rules[1].args.size(), 1U);
  EXPECT_EQ(rules[1].args[0].index, 5U);
  EXPECT_EQ(rules[1].args[0].value, UINT64_MAX);
  EXPECT_EQ(rules[1].args[0].value_two, 8U);
  EXPECT_EQ(rules[1].args[0].op, "SCMP_CMP_MASKED_EQ");
}

TEST(seccomp_section, takes_every_word_of_its_tables) {
  for (const std::string_view action : kSeccompActions) {
    const auto linux = linux_with(cat(R"("seccomp": {"defaultAction": ")", action, "\"}"));
    EXPECT_EQ(linux.seccomp->default_action, action);
  }
  for (const std::string_view name : kSeccompArchitectures) {
    const auto linux = linux_with(
        cat(R"("seccomp": {"defaultAction": "SCMP_ACT_LOG", "architectures": [")", name, "\"]}"));
    EXPECT_EQ(linux.seccomp->architectures, Strings{std::string(name)});
  }
}

TEST(seccomp_section, source_is_the_bytes_as_written) {
  const Linux linux =
      linux_with(R"("seccomp":  { "defaultAction" : "SCMP_ACT_ALLOW","x":"}\"" } , "sysctl": {})");
  EXPECT_EQ(linux.seccomp->source, R"({ "defaultAction" : "SCMP_ACT_ALLOW","x":"}\"" })");
}

TEST(seccomp_section, source_is_not_taken_from_another_section) {
  const Spec spec = spec_with(
      R"("seccomp": {"a": 1}, "x": {"linux": {"seccomp": {"b": 2}}}, "y": "\"seccomp\":{}",
         "linux": {"sysctl": {"seccomp": "{}"}, "se\u0063comp": {"defaultAction": "SCMP_ACT_LOG"}},
         "z": {"linux": {"seccomp": {"c": 3}}})");
  ASSERT_TRUE(spec.linux.seccomp);
  EXPECT_EQ(spec.linux.seccomp->source, R"({"defaultAction": "SCMP_ACT_LOG"})");
}

}  // namespace
}  // namespace wolffia::oci
