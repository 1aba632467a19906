// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "image/layer/unpack.hpp"
#include "image/store.hpp"
#include "image/transfer/progress.hpp"
#include "image/transfer/resolve.hpp"
#include "image/transfer/unpackers.hpp"

namespace wolffia::image {

/// Which compressed layers stay in the store, to be pushed on as they are: those that are fetched
/// now, or those too that were unpacked before, which are fetched again then.
enum class KeepBlobs : uint8_t { No, Fetched, All };

struct PullOptions {
  std::string owners;  // owners_of() of the user namespace that we are in
  KeepBlobs keep_blobs = KeepBlobs::No;
  unsigned parallel = 3;          // layers at a time; at least 1
  std::optional<Reference> name;  // given to the image once it is whole
};

/// Where the layers come from, and who unpacks them and is told.
struct PullMeans {
  Source& source;
  Unpackers& unpackers;
  Progress& progress;
};

/// Puts `image`, of `means.source`, into the store, layer by layer, several at a time. Layers that
/// are there already are not fetched, those that another process is fetching are waited for, and
/// what an earlier pull left of one is gone on from. Precondition: we are root of the user
/// namespace that the trees are to be owned by. Errors: those of fetch_layer(); ENOSPC, before
/// anything is fetched where that can be told, with a directory that would do. What is whole stays
/// for the next try.
Result<void> pull_image(const PullMeans& means, const ResolvedImage& image, const Store& store,
                        const PullOptions& options);

}  // namespace wolffia::image
