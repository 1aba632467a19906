// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <vector>

#include "image/remote/registry.hpp"
#include "image/trust/key.hpp"
#include "image/trust/policy.hpp"

/// Signatures of cosign with a key: layers of an image that is tagged "sha256-HEX.sig", or refers
/// to what is signed. Source: cosign's SIGNATURE_SPEC.md.
namespace wolffia::image::trust {

struct Signature {
  std::string payload;    // the bytes that are signed
  std::string signature;  // DER
};

/// Those of the manifest `digest`; none is no error. At most 100 are read.
Result<std::vector<Signature>> fetch_signatures(remote::Repository& repository,
                                                const oci::Digest& digest);

/// Adds a signature to those that `digest` has.
Result<void> push_signature(remote::Repository& repository, const oci::Digest& digest,
                            const Signature& signature);

/// Signs `digest` as the image `name` ("example.com/app").
Result<Signature> make_signature(const Key& key, const std::string& name,
                                 const oci::Digest& digest);

/// An image as it was asked for, and the digests either of which a signature may be for: of the
/// index it was found through, and its own.
struct Subject {
  Reference name;
  std::vector<oci::Digest> digests;
};

/// Whether the signatures satisfy every requirement. Errors: EACCES, saying why not; those of
/// reading the keys.
Result<void> check(const Requirements& requirements, const Subject& subject,
                   std::span<const Signature> signatures);

/// Whether check() may depend on signatures: else there is no need to fetch any.
bool wants_signatures(const Requirements& requirements);

/// What `policy` says of an image of a registry, with the signatures that the first of `places`
/// has that satisfies it. Signatures are looked for unless registries.d says false.
/// Errors: EACCES: the image must not be used.
Result<void> check_registry_image(const Policy& policy, remote::Transport& transport,
                                  const std::vector<remote::Place>& places,
                                  const remote::Identity& identity, const Subject& subject);

}  // namespace wolffia::image::trust
