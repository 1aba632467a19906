// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace wolffia::image::trust {

using AskPassword = std::function<Result<std::string>()>;

/// A key of ECDSA on P-256 with SHA-256, as `cosign` and `skopeo` sign with.
class Key {
 public:
  /// `name` is what messages call it. Errors: EINVAL for a text that is no PEM of such a key.
  static Result<Key> parse_public(const std::string& pem, std::string_view name);
  /// The same for signing. `ask` gives the password of a key that is encrypted, by OpenSSL or by
  /// cosign. Errors: those of `ask` and of decrypt_key(); EACCES for a wrong password.
  static Result<Key> parse_private(const std::string& pem, std::string_view name,
                                   const AskPassword& ask);

  /// Whether `signature` (DER) over `payload` was made with this key. Source: EVP_DigestVerify(3).
  bool verifies(std::string_view payload, std::string_view signature) const;

  /// Source: EVP_DigestSign(3). Precondition: made by parse_private().
  Result<std::string> sign(std::string_view payload) const;

 private:
  explicit Key(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  static Result<Key> checked(evp_pkey_st* key, std::string_view name, std::string_view kind);
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace wolffia::image::trust
