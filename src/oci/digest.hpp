// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wolffia::oci {

/// The name of some bytes by their hash: "sha256:" and 64, or "sha512:" and 128 lower-case
/// hexadecimal digits. Nothing else can be held, so a digest is safe as a file name
/// (CVE-2024-3727). Source: image-spec descriptor.md, "Digests".
class Digest {
 public:
  enum class Algorithm : uint8_t { Sha256, Sha512 };

  /// Errors: EINVAL when `text` is no digest of these algorithms.
  static Result<Digest> parse(std::string_view text);

  Algorithm algorithm() const { return algorithm_; }
  const std::string& text() const { return text_; }
  std::string_view hex() const { return std::string_view(text_).substr(7); }
  friend bool operator==(const Digest& a, const Digest& b) { return a.text_ == b.text_; }
  friend bool operator<(const Digest& a, const Digest& b) { return a.text_ < b.text_; }

 private:
  Digest(Algorithm algorithm, std::string_view text) : text_(text), algorithm_(algorithm) {}
  std::string text_;
  Algorithm algorithm_;
};

}  // namespace wolffia::oci
