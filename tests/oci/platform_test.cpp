// SPDX-License-Identifier: Apache-2.0
#include "oci/image_support.hpp"

namespace wolffia::oci {
namespace {

/// An index of entries for these platforms, "" being none; digests count from 0.
Index index_of(std::initializer_list<std::string_view> platforms) {
  Index index;
  char digit = '0';
  for (const std::string_view text : platforms) {
    Descriptor entry{std::string(media_type::kManifest),
                     Digest::parse(digest_text(digit++)).value(),
                     0,
                     {},
                     {},
                     {},
                     {},
                     {}};
    if (!text.empty()) entry.platform = parse_platform(text).value();
    index.manifests.push_back(std::move(entry));
  }
  return index;
}

/// Which of `platforms` is chosen for `wanted`; -1: none.
int chosen(std::string_view wanted, std::initializer_list<std::string_view> platforms) {
  const Index index = index_of(platforms);
  const Descriptor* const entry = choose_platform(index, parse_platform(wanted).value());
  return entry ? static_cast<int>(entry - index.manifests.data()) : -1;
}

TEST(platform, text_is_read_and_written) {
  for (const std::string_view text : {"linux/amd64", "linux/arm/v7", "windows/amd64", "linux/x"})
    EXPECT_EQ(platform_text(parse_platform(text).value()), text);
  EXPECT_EQ(platform_text(parse_platform("arm64").value()), "linux/arm64");
  EXPECT_EQ(platform_text(parse_platform("x86_64").value()), "linux/amd64");
  EXPECT_EQ(platform_text(parse_platform("linux/armhf").value()), "linux/arm/v7");
  EXPECT_EQ(platform_text(parse_platform("linux/aarch64/v9").value()), "linux/arm64/v9");
}

TEST(platform, text_of_another_form_is_rejected) {
  for (const std::string_view text : {"", "/", "linux/", "a/b/c/d", "Linux/amd64", "a b", "a//b"})
    EXPECT_FALSE(parse_platform(text)) << text;
}

TEST(platform, own_platform_is_one_that_can_be_asked_for) {
  const Platform own = own_platform();
  EXPECT_EQ(own.os, "linux");
  EXPECT_EQ(parse_platform(platform_text(own))->architecture, own.architecture);
  EXPECT_EQ(chosen(platform_text(own), {"linux/none", platform_text(own)}), 1);
}

TEST(platform, the_first_match_wins) {
  EXPECT_EQ(chosen("linux/amd64", {"linux/arm64", "linux/amd64", "linux/amd64"}), 1);
  EXPECT_EQ(chosen("linux/s390x", {"linux/amd64", "windows/s390x"}), -1);
  EXPECT_EQ(chosen("linux/amd64", {}), -1);
}

TEST(platform, variants_of_arm_descend) {
  EXPECT_EQ(chosen("linux/arm/v8", {"linux/arm/v6", "linux/arm/v7"}), 1);
  EXPECT_EQ(chosen("linux/arm/v8", {"linux/arm/v5", "linux/arm/v6"}), 1);
  EXPECT_EQ(chosen("linux/arm/v6", {"linux/arm/v7", "linux/arm/v8"}), -1);
  EXPECT_EQ(chosen("linux/arm", {"linux/arm/v8", "linux/arm/v7"}), 1);
}

TEST(platform, variants_of_amd64_descend) {
  EXPECT_EQ(chosen("linux/amd64/v4", {"linux/amd64", "linux/amd64/v3", "linux/amd64/v2"}), 1);
  EXPECT_EQ(chosen("linux/amd64/v2", {"linux/amd64/v3", "linux/amd64"}), 1);
  EXPECT_EQ(chosen("linux/amd64", {"linux/amd64/v2"}), -1);
}

TEST(platform, arm64_without_a_variant_is_v8) {
  EXPECT_EQ(chosen("linux/arm64", {"linux/arm64/v8"}), 0);
  EXPECT_EQ(chosen("linux/arm64/v8", {"linux/arm64"}), 0);
}

TEST(platform, an_unknown_variant_matches_itself_and_none) {
  EXPECT_EQ(chosen("linux/riscv64/rva22", {"linux/riscv64/rva23", "linux/riscv64"}), 1);
  EXPECT_EQ(chosen("linux/ppc64le", {"linux/ppc64le/power9"}), -1);
}

TEST(platform, an_entry_without_a_platform_is_the_last_choice) {
  EXPECT_EQ(chosen("linux/amd64", {"", "linux/amd64"}), 1);
  EXPECT_EQ(chosen("linux/amd64", {"", "linux/arm64"}), 0);
}

TEST(platform, attestations_and_artifacts_are_passed_over) {
  Index index = index_of({"unknown/unknown", "", ""});
  index.manifests[1].artifact_type = "application/vnd.example";
  index.manifests[2].media_type = "application/vnd.unknown";
  EXPECT_EQ(choose_platform(index, own_platform()), nullptr);
}

}  // namespace
}  // namespace wolffia::oci
