// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wolffia::image::trust {

/// What the PEM file of a private key of `cosign generate-key-pair` holds, still encrypted: a JSON
/// text. nullopt: it is no such file.
std::optional<std::string> find_encrypted_key(const std::string& pem);

/// The key in it, PKCS 8 in DER. `name` is what messages call it. Source:
/// github.com/secure-systems-lab/go-securesystemslib, encrypted: scrypt makes a key of the
/// password, and NaCl's secretbox was locked with that. Errors: EINVAL for what is no such text;
/// ENOTSUP for other algorithms; E2BIG where scrypt would take more than 256 MiB; EACCES for a
/// wrong password.
Result<std::string> decrypt_key(std::string text, std::string_view name, std::string_view password);

}  // namespace wolffia::image::trust
