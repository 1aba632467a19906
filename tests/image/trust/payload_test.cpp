// SPDX-License-Identifier: Apache-2.0
#include "image/trust/payload.hpp"

#include <gtest/gtest.h>

namespace wolffia::image::trust {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

Reference image(std::string_view text) {
  return parse_reference(text).value();
}

bool matches(Match match, std::string_view identity, std::string_view name,
             const std::string& given = {}, const std::string& prefix = {}) {
  return identity_matches({match, given, prefix}, identity, image(name));
}

std::string text_with(std::string_view critical, std::string_view rest = R"(, "optional": null)") {
  return cat(R"({"critical": )", critical, rest, "}");
}

std::string critical(std::string_view more = {}) {
  return cat(R"({"identity": {"docker-reference": "a.example/x"}, "image":
      {"docker-manifest-digest": ")",
             kDigest, R"("}, "type": "cosign container image signature")", more, "}");
}

TEST(payload, is_read_back) {
  const Payload made{"a.example/x", oci::Digest::parse(kDigest).value()};
  const auto read = parse_payload(make_payload(made));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->identity, "a.example/x");
  EXPECT_EQ(read->manifest.text(), kDigest);
}

TEST(payload, may_have_anything_optional_but_nothing_else) {
  EXPECT_TRUE(parse_payload(text_with(critical())));
  EXPECT_TRUE(parse_payload(text_with(critical(), "")));
  EXPECT_TRUE(parse_payload(text_with(critical(), R"(, "optional": {"creator": "x"})")));
  EXPECT_FALSE(parse_payload(text_with(critical(), R"(, "other": 1)")));
  EXPECT_FALSE(parse_payload(text_with(critical(R"(, "more": 1)"))));
  EXPECT_FALSE(parse_payload(text_with("null")));
  EXPECT_FALSE(parse_payload("{}"));
  EXPECT_FALSE(parse_payload(""));
}

TEST(payload, every_critical_member_has_to_be_right) {
  const std::string good = text_with(critical());
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return parse_payload(text);
  };
  EXPECT_FALSE(changed("cosign container image signature", "atomic container signature"));
  EXPECT_FALSE(changed("docker-reference", "docker-Reference"));
  EXPECT_FALSE(changed(kDigest, "sha256:aa"));
  EXPECT_FALSE(changed(R"("a.example/x")", "7"));
  EXPECT_FALSE(changed(R"("a.example/x")", R"("a.example/x", "and": "more")"));
}

TEST(identity, tag_has_to_be_the_same_unless_a_digest_is_asked_for) {
  constexpr Match kRule = Match::RepoDigestOrExact;
  EXPECT_TRUE(matches(kRule, "a.example/x:1", "a.example/x:1"));
  EXPECT_FALSE(matches(kRule, "a.example/x:2", "a.example/x:1"));
  EXPECT_FALSE(matches(kRule, "a.example/x", "a.example/x:1"));
  EXPECT_FALSE(matches(kRule, "a.example/x", "a.example/x:latest"));
  EXPECT_TRUE(matches(kRule, "a.example/x:2", "a.example/x@" + kDigest));
  EXPECT_FALSE(matches(kRule, "a.example/y:2", "a.example/x@" + kDigest));
}

TEST(identity, exact_is_never_a_digest) {
  EXPECT_TRUE(matches(Match::Exact, "a.example/x:1", "a.example/x:1"));
  EXPECT_FALSE(matches(Match::Exact, "a.example/x", "a.example/x:latest"));
  EXPECT_FALSE(matches(Match::Exact, "a.example/x:1", "a.example/x@" + kDigest));
}

TEST(identity, repository_leaves_the_tag_open) {
  EXPECT_TRUE(matches(Match::Repository, "a.example/x", "a.example/x:1"));
  EXPECT_TRUE(matches(Match::Repository, "a.example/x:2", "a.example/x:1"));
  EXPECT_FALSE(matches(Match::Repository, "a.example/xy", "a.example/x:1"));
  EXPECT_FALSE(matches(Match::Repository, "b.example/x", "a.example/x:1"));
  EXPECT_TRUE(
      matches(Match::Repository, "index.docker.io/library/debian", "docker.io/library/debian:12"));
  EXPECT_FALSE(matches(Match::Repository, "A.example/X", "a.example/x:1"));
  EXPECT_FALSE(matches(Match::Repository, "", "a.example/x:1"));
}

TEST(identity, may_be_a_name_of_the_policy) {
  EXPECT_TRUE(matches(Match::ExactReference, "b.example/y:1", "a.example/x:1", "b.example/y:1"));
  EXPECT_FALSE(matches(Match::ExactReference, "b.example/y:2", "a.example/x:1", "b.example/y:1"));
  EXPECT_FALSE(matches(Match::ExactReference, "b.example/y", "a.example/x:1", "b.example/y"));
  EXPECT_TRUE(matches(Match::ExactRepository, "b.example/y:2", "a.example/x:1", "b.example/y"));
  EXPECT_FALSE(matches(Match::ExactRepository, "a.example/x", "a.example/x:1", "b.example/y"));
}

TEST(identity, prefix_is_remapped_at_a_separator) {
  const auto remapped = [](std::string_view identity, std::string_view name) {
    return matches(Match::Remap, identity, name, "mirror.example/of", "vendor.example");
  };
  EXPECT_TRUE(remapped("vendor.example/x:1", "mirror.example/of/x:1"));
  EXPECT_FALSE(remapped("mirror.example/of/x:1", "mirror.example/of/x:1"));
  EXPECT_TRUE(remapped("mirror.example/off/x:1", "mirror.example/off/x:1"));
  EXPECT_FALSE(remapped("vendor.example/x:2", "mirror.example/of/x:1"));
}

}  // namespace
}  // namespace wolffia::image::trust
