// SPDX-License-Identifier: Apache-2.0
#include "image/trust/policy.hpp"

#include <gtest/gtest.h>

#include "image/remote/environment.hpp"
#include "support/temp_dir.hpp"

namespace wolffia::image::trust {
namespace {

std::string fault(std::string text) {
  const auto policy = Policy::parse(std::move(text), "policy.json");
  return policy ? "accepted" : policy.error().message();
}

std::string with(std::string_view requirement) {
  return cat(R"({"default": [)", requirement, "]}");
}

Reference reference(std::string_view text) {
  return parse_reference(text).value();
}

/// The type of the one requirement that counts for `name`.
std::string type_for(const Policy& policy, std::string_view name) {
  return policy.for_registry(reference(name)).front().type;
}

TEST(policy, takes_what_the_manual_page_has) {
  EXPECT_EQ(fault(R"({"default": [{"type": "reject"}], "transports": {
      "docker": {"docker.io/openshift": [{"type": "insecureAcceptAnything"}],
                 "*.temporary-project.example.com": [{"type": "insecureAcceptAnything"}],
                 "hostname:5000/x": [{"type": "sigstoreSigned", "keyPath": "/k.pub",
                                      "signedIdentity": {"type": "matchRepository"}}]},
      "dir": {"": [{"type": "insecureAcceptAnything"}]}}})"),
            "accepted");
}

struct Wrong {
  const char* text;
  const char* message;
};
constexpr Wrong kWrong[] = {
    {"", ""},
    {"[]", "policy.json must be an object"},
    {"{}", "policy.json: default is required"},
    {R"({"default": []})", "policy.json: default must have at least one requirement"},
    {R"({"default": null})", "policy.json: default must not be null"},
    {R"({"default": {"type": "reject"}})", "policy.json: default must be an array of objects"},
    {R"({"default": [{"type": "reject"}], "extra": 1})", "policy.json: extra is not known here"},
    {R"({"default": [{"type": "reject"}], "default": [{"type": "reject"}]})",
     "default appears twice"},
    {R"({"default": [{"type": "reject"}], "transports": []})",
     "policy.json: transports must be an object"},
    {R"({"default": [{"type": "reject"}], "transports": {"docker": []}})",
     "policy.json: transports.docker must be an object"},
    {R"({"default": [{"type": "reject"}], "transports": {"docker": {"a": []}}})",
     "policy.json: transports.docker.a must have at least one requirement"},
    {R"({"default": [{}]})", "policy.json: default[0].type is required"},
    {R"({"default": [{"type": "reject", "keyPath": "x"}]})",
     "policy.json: default[0].keyPath is not known here"},
    {R"({"default": [{"type": "sigstoreSigned"}]})",
     "policy.json: default[0] must have exactly one of keyPath, keyPaths, keyData and keyDatas"},
    {R"({"default": [{"type": "sigstoreSigned", "keyPath": "a", "keyData": "YQ=="}]})",
     "policy.json: default[0] must have exactly one of keyPath, keyPaths, keyData and keyDatas"},
    {R"({"default": [{"type": "sigstoreSigned", "keyPaths": []}]})",
     "policy.json: default[0] must have exactly one of keyPath, keyPaths, keyData and keyDatas"},
    {R"({"default": [{"type": "sigstoreSigned", "keyData": "!"}]})",
     "policy.json: default[0].keyData must be base 64"},
    {R"({"default": [{"type": "sigstoreSigned", "keyPath": "a", "keypath": "b"}]})",
     "policy.json: default[0].keypath is not known here"},
    {R"({"default": [{"type": "sigstoreSigned", "keyPath": 7}]})",
     "policy.json: default[0].keyPath must be a string"},
    {R"({"default": [{"type": "sigstoreSigned", "keyPath": "a", "signedIdentity": null}]})",
     "policy.json: default[0].signedIdentity must not be null"},
    {R"({"default": [{"type": "sigstoreSigned", "keyPath": "a",
         "signedIdentity": {"type": "matchAnything"}}]})",
     "policy.json: default[0].signedIdentity.type is no way to match an identity"},
    {R"({"default": [{"type": "sigstoreSigned", "keyPath": "a",
         "signedIdentity": {"type": "matchExact", "prefix": "b"}}]})",
     "policy.json: default[0].signedIdentity.prefix is not known here"},
    {R"({"default": [{"type": "sigstoreSigned", "keyPath": "a",
         "signedIdentity": {"type": "exactReference"}}]})",
     "policy.json: default[0].signedIdentity.dockerReference is required"},
    {R"({"default": [{"type": "sigstoreSigned", "keyPath": "a",
         "signedIdentity": {"type": "remapIdentity", "prefix": "b"}}]})",
     "policy.json: default[0].signedIdentity.signedPrefix is required"},
};

TEST(policy, anything_unexpected_makes_all_of_it_invalid) {
  for (const Wrong& wrong : kWrong) {
    const std::string message = fault(wrong.text);
    EXPECT_NE(message, "accepted") << wrong.text;
    if (*wrong.message != '\0') {
      EXPECT_EQ(message, wrong.message) << wrong.text;
    }
  }
}

TEST(policy, what_cannot_be_checked_is_kept_to_reject) {
  for (const char* requirement :
       {R"({"type": "signedBy", "keyType": "GPGKeys", "keyPath": "x"})", R"({"type": "new"})",
        R"({"type": "sigstoreSigned", "fulcio": {}})",
        R"({"type": "sigstoreSigned", "keyPath": "k", "rekorPublicKeyPath": "x"})"}) {
    const auto policy = Policy::parse(with(requirement), "policy.json");
    ASSERT_TRUE(policy) << policy.error().message();
    EXPECT_EQ(policy->for_registry(reference("a.example/x")).front().kind,
              Requirement::Kind::Unsupported);
  }
}

TEST(policy, only_the_most_specific_scope_counts) {
  const Policy policy = Policy::parse(R"({"default": [{"type": "default"}], "transports": {
      "docker": {"": [{"type": "docker"}], "*.example.com": [{"type": "wild"}],
                 "a.example.com": [{"type": "host"}], "a.example.com/team": [{"type": "team"}],
                 "a.example.com/team/app": [{"type": "app"}],
                 "a.example.com/team/app:1": [{"type": "tag"}]},
      "oci": {"/images": [{"type": "oci"}]}}})",
                                      "policy.json")
                            .value();
  EXPECT_EQ(type_for(policy, "a.example.com/team/app:1"), "tag");
  EXPECT_EQ(type_for(policy, "a.example.com/team/app:2"), "app");
  EXPECT_EQ(type_for(policy, "a.example.com/team/other:1"), "team");
  EXPECT_EQ(type_for(policy, "a.example.com/teams:1"), "host");
  EXPECT_EQ(type_for(policy, "b.example.com/x:1"), "wild");
  EXPECT_EQ(type_for(policy, "c.b.example.com:5000/x:1"), "wild");
  EXPECT_EQ(type_for(policy, "example.com/x:1"), "docker");
  EXPECT_EQ(type_for(policy, "a.example.com:5000/team/app:1"), "wild");
  EXPECT_EQ(policy.for_path("oci", "/images/a").front().type, "oci");
  EXPECT_EQ(policy.for_path("oci", "/imagesx").front().type, "default");
  EXPECT_EQ(policy.for_path("dir", "/images").front().type, "default");
}

TEST(policy, scope_of_a_digest_has_the_digest) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  EXPECT_EQ(registry_scopes(reference("h.example/a/b@" + digest)),
            (std::vector<std::string>{"h.example/a/b@" + digest, "h.example/a/b", "h.example/a",
                                      "h.example", "*.example"}));
}

TEST(policy, where_there_is_none_everything_is_accepted) {
  const test::TempDir dir;
  test::write_text(dir / "containers", "");
  const test::Variable config("XDG_CONFIG_HOME", dir / "nothing");
  EXPECT_FALSE(Policy::load(dir / "missing.json"));
  test::write_text(dir / "own.json", with(R"({"type": "reject"})"));
  EXPECT_EQ(type_for(Policy::load(dir / "own.json").value(), "a.example/x"), "reject");
}

TEST(policy, the_users_file_stands_before_the_systems) {
  const test::TempDir dir;
  std::filesystem::create_directories(dir / "containers");
  test::write_text(dir / "containers/policy.json", with(R"({"type": "reject"})"));
  const test::Variable config("XDG_CONFIG_HOME", dir.path());
  EXPECT_EQ(type_for(Policy::load("").value(), "a.example/x"), "reject");
  test::write_text(dir / "containers/policy.json", "{");
  EXPECT_FALSE(Policy::load(""));
}

}  // namespace
}  // namespace wolffia::image::trust
