// SPDX-License-Identifier: Apache-2.0
#include "image/trust/encrypted_key.hpp"

#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "image/trust/key.hpp"

namespace wolffia::image::trust {
namespace {

// Made by a program that shares no code with this one: its own Salsa20 and Poly1305 in Python.
constexpr std::string_view kPassword = "correct horse";
constexpr std::string_view kText =
    R"({"kdf":{"name":"scrypt","params":{"N":32768,"r":8,"p":1},"salt":"BIsdPq9OwGV/t6wTmT0)"
    R"(JW8DIV/xQmFR7WrPDwpiEx9M="},"cipher":{"name":"nacl/secretbox","nonce":"sdbdGD7I78bow)"
    R"(SmAG67UWjqfysMRa2pA"},"ciphertext":"woPLiGx++e4P+hx3Jaai4ijORv0GICh0EDppKfOHtjWHU8DV)"
    R"(j4Zz0OHy1CnGt4Appw+MrIAn0OhHKAdWkKBFrRAsVOQcfneRNTqkPfbFjrzArBVYB5i/keeav50dp1fFyniW)"
    R"(Fvx2/nJmOHF1q+W2kKvJM70OyW0c/5+cPGrxX44H3I6vOMN3QpcMo4cIBrYreYURDXaBNE3SnQ=="})";
const std::string kPublic =
    R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuZE12P35nlAMGVTRTxO+XeSS4A84
SWGK/KC0smX30bRhXaLFUq8EYezEAfxv+jKNDmoaQz7a+SmpumK7Mu573A==
-----END PUBLIC KEY-----
)";

std::string pem(std::string_view text, std::string_view type = "ENCRYPTED SIGSTORE PRIVATE KEY") {
  const std::string data = base64_encode(text);
  std::string lines;
  for (size_t at = 0; at < data.size(); at += 64)
    lines += cat(data.substr(at, 64), "\n");
  return cat("-----BEGIN ", type, "-----\n", lines, "-----END ", type, "-----\n");
}

/// The text with one part of it replaced.
std::string with(std::string_view old, std::string_view other) {
  std::string text(kText);
  const size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), other);
}

std::string refusal(const std::string& text, std::string_view password = kPassword) {
  const auto key = decrypt_key(text, "cosign.key", password);
  return key ? "accepted" : key.error().message();
}

TEST(encrypted_key, is_opened_with_its_password) {
  for (const char* type : {"ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"}) {
    const auto key = Key::parse_private(pem(kText, type), "cosign.key",
                                        [] { return Result<std::string>(std::string(kPassword)); });
    ASSERT_TRUE(key) << key.error().message();
    const std::string signature = key->sign("payload").value();
    EXPECT_TRUE(Key::parse_public(kPublic, "cosign.pub")->verifies("payload", signature));
  }
}

TEST(encrypted_key, another_password_is_one_sentence) {
  for (const char* word : {"", "Correct horse", "correct horse "})
    EXPECT_EQ(refusal(std::string(kText), word), "cosign.key: the password is wrong");
}

TEST(encrypted_key, of_other_kinds_is_left_alone) {
  EXPECT_FALSE(find_encrypted_key(kPublic));
  EXPECT_FALSE(find_encrypted_key("no PEM"));
  EXPECT_FALSE(find_encrypted_key(pem("{}", "ENCRYPTED PRIVATE KEY")));
}

TEST(encrypted_key, names_what_is_wrong_with_it) {
  EXPECT_TRUE(refusal("{").starts_with("cosign.key is not valid JSON: "));
  EXPECT_EQ(refusal(with("scrypt", "bcrypt")), "cosign.key: kdf must be scrypt, as cosign has it");
  EXPECT_EQ(refusal(with("nacl/secretbox", "rot13")),
            "cosign.key: cipher must be nacl/secretbox, as cosign has it");
  EXPECT_EQ(refusal(with(R"("N":32768)", R"("N":32767)")),
            "cosign.key: kdf.params.N must be a power of 2");
  EXPECT_EQ(refusal(with(R"("N":32768)", R"("N":1073741824)")),
            "cosign.key: kdf.params must not take more than 256 MiB");
  EXPECT_EQ(refusal(with(R"("nonce":")", R"("nonce":"!)")),
            "cosign.key: cipher.nonce must be base 64");
  EXPECT_EQ(refusal(with(R"("ciphertext":")", R"("ciphertext":"AAAA)")),
            "cosign.key: the password is wrong");
}

}  // namespace
}  // namespace wolffia::image::trust
