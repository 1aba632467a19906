// SPDX-License-Identifier: Apache-2.0
#include "image/trust/attachments.hpp"

#include <gtest/gtest.h>

namespace wolffia::image::trust {
namespace {

std::string fault(std::initializer_list<const char*> files) {
  Attachments attachments;
  for (const char* text : files) {
    const auto added = attachments.add(text, "a.yaml");
    if (!added) return added.error().message();
  }
  return "accepted";
}

std::string used(const Attachments& attachments, std::string_view name) {
  const auto use = attachments.used_for(parse_reference(name).value());
  return !use ? "unsaid" : *use ? "yes" : "no";
}

constexpr const char* kManual = R"(# as the manual page has it
default-docker:
  lookaside-staging: file:///mnt/company/common-lookaside-staging
  use-sigstore-attachments: true  # all
docker:
    registry.example.com:   # no attachments
        use-sigstore-attachments: false
    "registry.example.com/team/app:main":
        lookaside: 'http://localhost:4242/lookaside'
        use-sigstore-attachments: true
    unsaid.example.com:
        lookaside: https://x.example
)";

TEST(attachments, most_specific_scope_counts) {
  Attachments attachments;
  const auto added = attachments.add(kManual, "a.yaml");
  ASSERT_TRUE(added) << added.error().message();
  EXPECT_EQ(used(attachments, "registry.example.com/x:1"), "no");
  EXPECT_EQ(used(attachments, "registry.example.com/team/app:main"), "yes");
  EXPECT_EQ(used(attachments, "registry.example.com/team/app:other"), "no");
  EXPECT_EQ(used(attachments, "other.example/x:1"), "yes");
  EXPECT_EQ(used(attachments, "unsaid.example.com/x:1"), "unsaid");
  EXPECT_EQ(used({}, "other.example/x:1"), "unsaid");
}

TEST(attachments, a_scope_stands_once) {
  EXPECT_EQ(fault({"docker:\n  a.example:\n    x: y\n", "docker:\n  a.example:\n    x: y\n"}),
            "a.yaml, line 2: the same scope stands elsewhere too");
  EXPECT_EQ(fault({"docker:\n  a.example:\n    x: y\n", "docker:\n  b.example:\n    x: y\n"}),
            "accepted");
}

TEST(attachments, other_yaml_is_refused) {
  constexpr const char* kPlain = ": only mappings of plain values are understood";
  for (const char* text : {"docker: [a]\n", "docker:\n- a\n", "docker:\n\ta: b\n", "a\n",
                           "docker: {a: b}\n", "docker: &x\n", "docker: x\n  a: b\n",
                           "  docker:\na: b\n", "docker: \"a\\n\"\n", "docker: |\n"})
    EXPECT_NE(fault({text}).find(kPlain), std::string::npos) << text << fault({text});
  EXPECT_EQ(fault({"Docker:\n"}), "a.yaml, line 1: must be docker or default-docker");
  EXPECT_EQ(fault({"default-docker:\n  use-sigstore-attachments: yes\n"}),
            "a.yaml, line 2: use-sigstore-attachments must be true or false");
}

TEST(attachments, an_empty_file_says_nothing) {
  EXPECT_EQ(fault({"", "\n\n# only this\n", "---\n", "docker:\n", "docker: {}\n"}), "accepted");
}

}  // namespace
}  // namespace wolffia::image::trust
