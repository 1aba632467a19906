// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "oci/digest.hpp"

namespace wolffia::image {

/// Hashes bytes as they come. Source: EVP_DigestInit(3).
class Hasher {
 public:
  explicit Hasher(oci::Digest::Algorithm algorithm = oci::Digest::Algorithm::Sha256);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  void add(std::span<const std::byte> bytes);
  /// The digest of all that was added. Precondition: called once.
  oci::Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

oci::Digest digest_of(std::string_view bytes,
                      oci::Digest::Algorithm algorithm = oci::Digest::Algorithm::Sha256);

/// The ChainID of a layer above `below`. Source: image-spec config.md, "Layer ChainID".
oci::Digest chain_id(const std::optional<oci::Digest>& below, const oci::Digest& diff_id);

}  // namespace wolffia::image
