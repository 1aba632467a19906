// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "image/store.hpp"

namespace wolffia::cli {

/// Who waits until what was put into a store is on disk.
enum class Settling : uint8_t {
  Soon,      // the command where it is little; else a process that goes on after it
  BeforeEnd  // the command
};

/// To be called last, when the command has said all it has to say, by a process without other
/// threads: settles the images of the store. Errors: those of syncing; a process that goes on has
/// nobody to tell of them, and the images stay what they are, known until the machine stops.
Result<void> settle_images(const wolffia::image::Store& store, Settling settling);

}  // namespace wolffia::cli
