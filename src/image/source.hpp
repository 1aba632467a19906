// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "oci/image_spec.hpp"

namespace wolffia::image {

/// Takes the next bytes of a blob. An error ends the transfer and is what the transfer returns.
using Sink = std::function<Result<void>(std::span<const std::byte>)>;

/// A manifest or index as the source has it, its bytes verified against `digest`.
struct RawManifest {
  std::string bytes;  // at most oci::kManifestLimit
  std::string media_type;
  oci::Digest digest;
};

/// Where an image comes from: a registry, a layout, an archive. Bytes of blobs are passed on as
/// they come: who takes them checks size and digest.
class Source {
 public:
  virtual ~Source() = default;

  /// The manifest or index that the source was opened for.
  virtual Result<RawManifest> top() = 0;

  /// The manifest or index that an index names. Errors: ENOENT.
  virtual Result<RawManifest> manifest(const oci::Descriptor& wanted) = 0;

  /// Passes the bytes of the blob on, from `offset`, at most `wanted.size` - `offset` of them. May
  /// be called by several threads at once. Errors: ENOENT; EIO when the bytes ended too early for
  /// good; those of `sink`.
  virtual Result<void> blob(const oci::Descriptor& wanted, uint64_t offset, const Sink& sink) = 0;

  /// What messages call the source: "docker.io/library/debian:12", "oci:DIR".
  virtual std::string name() const = 0;
};

}  // namespace wolffia::image
