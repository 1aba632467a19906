// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "image/destination.hpp"
#include "image/store.hpp"
#include "image/store_write.hpp"
#include "image/transfer/progress.hpp"

namespace wolffia::image {

/// Who takes an image out of a store, and whose trees there are.
struct StoredMeans {
  const Store& store;
  const Writer& writer;  // keeps gc from the trees, and has room for what is packed
  std::string owners;    // owners_of() of the user namespace that we are in
  Progress& progress;
};

/// The image `manifest` of the store, for `to`. A layer that `to` has by its digest, or whose blob
/// was kept, goes as it came. Any other is packed anew, now, from its tree: then it has another
/// digest, and so has the image, with a config and manifest that say so; `progress` is told.
/// Where files had to be the caller's they are root's in a layer that was packed.
/// Errors: ENOENT when the image has no trees of these owners; ENOSPC; those of pack() and `to`.
Result<std::unique_ptr<Source>> open_stored(const StoredMeans& means, const oci::Digest& manifest,
                                            std::string name, Destination& to);

}  // namespace wolffia::image
