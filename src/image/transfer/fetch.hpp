// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>

#include "image/source.hpp"
#include "image/transfer/progress.hpp"
#include "image/transfer/unpackers.hpp"

namespace wolffia::image {

/// A layer as it is transferred.
struct LayerOrder {
  oci::Descriptor blob;
  oci::Digest diff_id;
  UnpackOptions options;
};

/// What a transfer needs besides the layer.
struct FetchMeans {
  Source& source;
  Unpackers& unpackers;
  Progress& progress;
  const std::atomic<bool>& cancelled;  // somebody else failed: stop
};

/// Brings the layer from its source into the directory `tree`: receiving, hashing, inflating and
/// writing overlap. `part` is a file for the compressed bytes: those it holds are not asked for
/// again, and what comes is added, so that a transfer that was cut short is resumed. Compressed and
/// uncompressed bytes are held against their digests. Errors: EINVAL when the bytes are not those
/// (then `part` is emptied); ECANCELED; those of the source and of unpack_confined(). After an
/// error `tree` holds something that nobody must use.
Result<Unpacked> fetch_layer(const LayerOrder& order, const sys::Fd& part, const sys::Fd& tree,
                             const FetchMeans& means);

/// The blob alone, into `part`, as above. Errors: as above.
Result<void> fetch_blob(const oci::Descriptor& blob, const sys::Fd& part, const FetchMeans& means);

}  // namespace wolffia::image
