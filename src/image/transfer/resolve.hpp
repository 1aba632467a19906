// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "image/source.hpp"
#include "oci/image_spec.hpp"

namespace wolffia::image {

/// An image of one platform: its documents, read and verified, and no layer yet.
struct ResolvedImage {
  RawManifest raw;
  oci::Manifest manifest;
  std::string config_bytes;
  oci::ImageConfig config;
};

/// The image that `source` was opened for: from an index the one for `platform`, through at most
/// four indexes in each other (CVE-2026-53493).
/// Errors: ENOENT naming the platforms there are; EINVAL for what is no image, or not what its
/// digest says.
Result<ResolvedImage> resolve_image(Source& source, const oci::Platform& platform);

/// A small blob as a whole, verified. Errors: EFBIG beyond oci::kManifestLimit; EINVAL.
Result<std::string> fetch_document(Source& source, const oci::Descriptor& wanted);

}  // namespace wolffia::image
