// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "image/layer/hash.hpp"
#include "image/trust/keys.hpp"
#include "image/trust/signatures.hpp"
#include "support/temp_dir.hpp"

namespace wolffia::image::trust {
namespace {

const oci::Digest kOwn = digest_of("manifest");
const oci::Digest kIndex = digest_of("index");

Requirements requirements(std::string_view text) {
  auto policy = Policy::parse(cat(R"({"default": )", text, "}"), "policy.json");
  EXPECT_TRUE(policy) << policy.error().message();
  return policy->for_registry(parse_reference("a.example/x").value());
}

Requirements signed_by(const test::KeyPair& keys, std::string_view more = R"(, "signedIdentity":
    {"type": "matchRepository"})") {
  return requirements(cat(R"([{"type": "sigstoreSigned", "keyData": ")",
                          base64_encode(keys.public_pem), "\"", more, "}]"));
}

AskPassword word(std::string_view text) {
  return [text] { return Result<std::string>(std::string(text)); };
}

Signature signature(const test::KeyPair& keys, const oci::Digest& digest = kOwn,
                    const std::string& name = "a.example/x") {
  return make_signature(Key::parse_private(keys.private_pem, "key", word("")).value(), name, digest)
      .value();
}

std::string verdict(const Requirements& wanted, const std::vector<Signature>& signatures,
                    std::string_view name = "a.example/x:1") {
  const Subject subject{parse_reference(name).value(), {kIndex, kOwn}};
  const auto done = check(wanted, subject, signatures);
  EXPECT_TRUE(done || done.error().is(EACCES)) << done.error().message();
  return done ? "accepted" : done.error().message();
}

TEST(check, a_signature_of_the_image_or_of_its_index_counts) {
  const test::KeyPair keys = test::make_keys();
  EXPECT_EQ(verdict(signed_by(keys), {signature(keys)}), "accepted");
  EXPECT_EQ(verdict(signed_by(keys), {signature(keys, kIndex)}), "accepted");
}

TEST(check, without_a_signature_it_is_refused) {
  EXPECT_EQ(verdict(signed_by(test::make_keys()), {}),
            "a.example/x:1 must be signed, and has no signature");
}

TEST(check, another_key_does_not_count) {
  EXPECT_EQ(verdict(signed_by(test::make_keys()), {signature(test::make_keys())}),
            "a.example/x:1 has no signature that counts: one is not by a key of the policy");
}

TEST(check, another_image_or_name_does_not_count) {
  const test::KeyPair keys = test::make_keys();
  const oci::Digest other = digest_of("other");
  EXPECT_EQ(verdict(signed_by(keys), {signature(keys, other)}),
            cat("a.example/x:1 has no signature that counts: one is for ", other.text()));
  EXPECT_EQ(verdict(signed_by(keys), {signature(keys, kOwn, "b.example/x")}),
            "a.example/x:1 has no signature that counts: one is for the name b.example/x");
  EXPECT_EQ(verdict(signed_by(keys, ""), {signature(keys)}),
            "a.example/x:1 has no signature that counts: one is for the name a.example/x");
}

TEST(check, one_good_signature_among_others_is_enough) {
  const test::KeyPair keys = test::make_keys();
  const std::vector<Signature> mixed{signature(test::make_keys()), {"{}", "x"}, signature(keys)};
  EXPECT_EQ(verdict(signed_by(keys), mixed), "accepted");
}

TEST(check, every_changed_byte_is_noticed) {
  const test::KeyPair keys = test::make_keys();
  const Requirements wanted = signed_by(keys);
  const Signature good = signature(keys);
  for (size_t i = 0; i < good.payload.size(); ++i) {
    Signature changed = good;
    changed.payload[i] = static_cast<char>(changed.payload[i] ^ 1);
    EXPECT_NE(verdict(wanted, {changed}), "accepted") << "payload byte " << i;
  }
  for (size_t i = 0; i < good.signature.size(); ++i) {
    Signature changed = good;
    changed.signature[i] = static_cast<char>(changed.signature[i] ^ 1);
    EXPECT_NE(verdict(wanted, {changed}), "accepted") << "signature byte " << i;
    changed.signature.resize(i);
    EXPECT_NE(verdict(wanted, {changed}), "accepted") << "signature of " << i << " bytes";
  }
}

TEST(check, all_requirements_have_to_hold) {
  const test::KeyPair one = test::make_keys();
  const test::KeyPair two = test::make_keys();
  Requirements both = signed_by(one);
  both.push_back(signed_by(two).front());
  EXPECT_NE(verdict(both, {signature(one)}), "accepted");
  EXPECT_EQ(verdict(both, {signature(one), signature(two)}), "accepted");
}

TEST(check, any_of_several_keys_may_have_signed) {
  const test::KeyPair one = test::make_keys();
  const test::KeyPair two = test::make_keys();
  const Requirements either = requirements(
      cat(R"([{"type": "sigstoreSigned", "keyDatas": [")", base64_encode(one.public_pem), "\", \"",
          base64_encode(two.public_pem), R"("], "signedIdentity": {"type": "matchRepository"}}])"));
  EXPECT_EQ(verdict(either, {signature(two)}), "accepted");
}

TEST(check, reject_and_what_cannot_be_checked_refuse) {
  EXPECT_EQ(verdict(requirements(R"([{"type": "insecureAcceptAnything"}])"), {}), "accepted");
  EXPECT_EQ(verdict(requirements(R"([{"type": "reject"}])"), {}),
            "policy.json rejects a.example/x:1");
  EXPECT_EQ(
      verdict(requirements(R"([{"type": "insecureAcceptAnything"}, {"type": "signedBy"}])"), {}),
      "a.example/x:1 must be signedBy by policy.json, which cannot be checked");
}

TEST(check, signatures_are_wanted_only_where_they_can_help) {
  EXPECT_TRUE(wants_signatures(signed_by(test::make_keys())));
  EXPECT_FALSE(wants_signatures(requirements(R"([{"type": "insecureAcceptAnything"}])")));
  Requirements hopeless = signed_by(test::make_keys());
  hopeless.push_back(requirements(R"([{"type": "reject"}])").front());
  EXPECT_FALSE(wants_signatures(hopeless));
}

TEST(key, file_of_the_policy_has_to_be_there) {
  const test::TempDir dir;
  const test::KeyPair keys = test::make_keys();
  const Requirements wanted =
      requirements(cat(R"([{"type": "sigstoreSigned", "keyPath": ")", dir / "k.pub",
                       R"(", "signedIdentity": {"type": "matchRepository"}}])"));
  const Subject subject{parse_reference("a.example/x:1").value(), {kOwn}};
  const std::vector<Signature> signatures{signature(keys)};
  EXPECT_TRUE(check(wanted, subject, signatures).error().is(ENOENT));
  test::write_text(dir / "k.pub", "no key");
  EXPECT_TRUE(check(wanted, subject, signatures).error().is(EINVAL));
  test::write_text(dir / "k.pub", keys.public_pem);
  EXPECT_TRUE(check(wanted, subject, signatures));
}

TEST(key, is_of_one_kind) {
  EXPECT_TRUE(Key::parse_public(test::make_keys().public_pem, "k"));
  EXPECT_EQ(Key::parse_public(test::make_keys("P-384").public_pem, "k").error().message(),
            "k must be a PEM file with a public key for ECDSA on the curve P-256");
  EXPECT_FALSE(Key::parse_public(test::make_keys().private_pem, "k"));
  EXPECT_FALSE(Key::parse_public("", "k"));
}

TEST(key, may_be_encrypted_by_openssl) {
  const std::string pem = test::make_keys("P-256", "word").private_pem;
  EXPECT_TRUE(Key::parse_private(pem, "k", word("word")));
  EXPECT_EQ(Key::parse_private(pem, "k", word("work")).error().message(),
            "k: the password is wrong, or it is no key of ours");
  EXPECT_TRUE(
      Key::parse_private(
          pem, "k", [] { return Result<std::string>(Error::because(EINVAL, "nobody to ask")); })
          .error()
          .is(EINVAL));
}

}  // namespace
}  // namespace wolffia::image::trust
