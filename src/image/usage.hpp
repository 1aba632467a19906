// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "image/store.hpp"

namespace wolffia::image {

/// What an image takes, in bytes of its files.
struct ImageUsage {
  oci::Digest manifest;
  uint64_t size = 0;  // all its layers, of all owners
  uint64_t own = 0;   // those that no other image has: what removing it frees
};

/// What a store takes. Read from what was noted when layers were made; no tree is walked.
struct Usage {
  std::vector<ImageUsage> images;  // by digest
  uint64_t layers = 0;             // each counted once
  uint64_t unused = 0;             // of these: layers that no image has
  uint64_t blobs = 0;              // kept ones
  uint64_t partial = 0;            // what has come of blobs that are not whole
};

Result<Usage> usage(const Store& store);

}  // namespace wolffia::image
