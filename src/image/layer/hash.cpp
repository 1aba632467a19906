// SPDX-License-Identifier: Apache-2.0
#include "image/layer/hash.hpp"

#include <openssl/evp.h>

#include <new>
#include <string>

namespace wolffia::image {
namespace {

using Algorithm = oci::Digest::Algorithm;

std::string as_hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

/// The library has both hashes built in: nothing but memory can be missing.
void check(int done) {
  if (done != 1) throw std::bad_alloc();
}

}  // namespace

struct Hasher::State {
  explicit State(Algorithm which) : algorithm(which), context(EVP_MD_CTX_new()) {
    check(context != nullptr);
    check(EVP_DigestInit_ex(context, which == Algorithm::Sha256 ? EVP_sha256() : EVP_sha512(),
                            nullptr));
  }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Algorithm algorithm;
  EVP_MD_CTX* context;
};

Hasher::Hasher(Algorithm algorithm) : state_(std::make_unique<State>(algorithm)) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::add(std::span<const std::byte> bytes) {
  check(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

oci::Digest Hasher::finish() {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  check(EVP_DigestFinal_ex(state_->context, hash, &size));
  const char* prefix = state_->algorithm == Algorithm::Sha256 ? "sha256:" : "sha512:";
  return oci::Digest::parse(cat(prefix, as_hex({hash, size}))).value();
}

oci::Digest digest_of(std::string_view bytes, Algorithm algorithm) {
  Hasher hasher(algorithm);
  hasher.add(std::as_bytes(std::span(bytes)));
  return hasher.finish();
}

oci::Digest chain_id(const std::optional<oci::Digest>& below, const oci::Digest& diff_id) {
  return below ? digest_of(cat(below->text(), " ", diff_id.text())) : diff_id;
}

}  // namespace wolffia::image
