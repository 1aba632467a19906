// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "image/reference.hpp"
#include "image/trust/policy.hpp"
#include "oci/digest.hpp"

namespace wolffia::image::trust {

/// What a signature of cosign says: these bytes are this image.
struct Payload {
  std::string identity;  // "example.com/app", often without a tag
  oci::Digest manifest;
};

/// Strict, as policy.json: nothing but what the signer has to mean may be there.
/// Source: cosign's SIGNATURE_SPEC.md, "Simple Signing". Errors: EINVAL.
Result<Payload> parse_payload(const std::string& text);

/// The text to sign.
std::string make_payload(const Payload& payload);

/// Whether a signature for `identity` counts for the image named `image`.
bool identity_matches(const SignedIdentity& rule, std::string_view identity,
                      const Reference& image);

}  // namespace wolffia::image::trust
