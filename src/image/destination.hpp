// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "image/source.hpp"
#include "oci/image_spec.hpp"

namespace wolffia::image {

/// Where images can be written to: a registry, a layout, an archive. Called by one thread, blobs
/// before the manifests that name them, manifests before the indexes.
class Destination {
 public:
  virtual ~Destination() = default;

  /// Whether the blob is there already, so that it need not be read.
  virtual Result<bool> has(const oci::Descriptor& blob) = 0;

  /// Takes the blob from `source`, and checks its size and digest on the way.
  virtual Result<void> put(const oci::Descriptor& blob, Source& source) = 0;

  virtual Result<void> put_manifest(const RawManifest& manifest) = 0;

  /// All is there: `top`, put already, gets the name the destination was opened for.
  virtual Result<void> finish(const RawManifest& top) = 0;

  /// No image follows. To be called once: an archive is nowhere to be seen before.
  virtual Result<void> close() { return {}; }

  /// What messages call the destination: "docker.io/library/debian:12", "oci:DIR".
  virtual std::string name() const = 0;
};

}  // namespace wolffia::image
