// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "image/destination.hpp"
#include "image/transfer/progress.hpp"

namespace wolffia::image {

/// Copies the image that `source` was opened for, byte by byte: from an index the image of
/// `platform`, or without one the index and everything it names.
/// Errors: EINVAL when the source has not what its digests say; those of both sides.
Result<oci::Digest> copy_image(Source& source, Destination& destination,
                               const std::optional<oci::Platform>& platform, Progress& progress);

}  // namespace wolffia::image
