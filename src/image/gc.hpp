// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "image/lock.hpp"
#include "image/store.hpp"

/// Removing what nobody needs. It waits for writers, and keeps them waiting; readers never wait.
///
/// A container or a name may turn up while we look. So an image is put aside first, into tmp/, and
/// the names and records are read once more: who made one before looking for the image has either
/// not found it, or is seen now, and the image goes back. Layers follow only then.
///
/// Files of subordinate ids can be removed only in a user namespace that has them: it is for the
/// caller to be in one. Those that cannot be removed are out of the way in tmp/, for the next time.
namespace wolffia::image {

/// What was removed.
struct Freed {
  uint64_t images = 0;
  uint64_t layers = 0;
  uint64_t blobs = 0;
  uint64_t leftovers = 0;         // of what was killed
  uint64_t bytes = 0;             // of files, as far as they were counted
  std::vector<std::string> left;  // what could not be removed: "tmp/…: why"
};

/// Removes every image that no name and no container has, and all that only such an image needs.
/// Errors: those of a damaged name, record or list: then nothing is known to be needless.
Result<Freed> collect(const Store& store, const OnWait& on_wait = {});

/// Removes this image, with its names; messages call it `called`. Errors: ENOENT; EBUSY, naming
/// them, when containers have it.
Result<Freed> remove_image(const Store& store, const oci::Digest& manifest, std::string_view called,
                           const OnWait& on_wait = {});

/// The containers that have the image.
Result<std::vector<std::string>> containers_of(const Store& store, const oci::Digest& manifest);

}  // namespace wolffia::image
