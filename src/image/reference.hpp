// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oci/digest.hpp"

namespace wolffia::image {

/// The name of an image as a registry knows it: "docker.io/library/debian:12".
/// Source: distribution-spec "Pulling manifests"; the grammar of github.com/distribution/reference.
struct Reference {
  std::string host;        // with port: "127.0.0.1:5000"; never empty
  std::string repository;  // "library/debian"
  std::string tag;         // empty only where there is a digest
  std::optional<oci::Digest> digest;

  std::string name() const;  // "docker.io/library/debian"
  std::string text() const;  // "docker.io/library/debian:12", "…@sha256:…", "…:12@sha256:…"
  friend bool operator==(const Reference&, const Reference&) = default;
};

/// So long may the name be, and the tag.
inline constexpr size_t kNameLimit = 255;
inline constexpr size_t kTagLimit = 128;

/// A full reference: its first part is a host (it has a dot or a colon, or is "localhost"). A
/// missing tag without a digest is "latest"; "docker.io/debian" gets its "library/", and
/// "index.docker.io", Docker's first name for it, becomes "docker.io". Errors: EINVAL, one sentence
/// naming the part; ENOENT when there is no host: a short name, which registries.conf has to
/// complete.
Result<Reference> parse_reference(std::string_view text);

/// Whether the first part of `text` is a host.
bool has_host(std::string_view text);

}  // namespace wolffia::image
