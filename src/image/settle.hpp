// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "image/lock.hpp"
#include "image/store.hpp"

/// Images are known before they are on disk: waiting for a disk takes as long as all else of a
/// pull, and longer where others have written. Somebody settles them afterwards: syncs the file
/// system, and writes the records anew, which say until then that they hold for this boot only.
/// Whoever settles may be killed: the next one to open the store for writing does it.
namespace wolffia::image {

/// The images that are known and not on disk.
struct Unsettled {
  uint64_t images = 0;
  uint64_t bytes = 0;  // of all their layers
};

Result<Unsettled> unsettled(const Store& store);

/// What to do where somebody settles this store already.
enum class IfBusy : bool { Leave, Wait };

/// Settles every image that was known when it was called. With IfBusy::Leave the one that is at it
/// does, or, where that is killed, the next. Errors: EIO and others of syncfs(2): the images stay
/// as they were.
Result<void> settle(const Store& store, IfBusy if_busy);

/// Removes images that were not on disk when their machine stopped; of other machines, which may be
/// about to settle them, only what is a day old. `aside` gives names in tmp/ to remove them under.
/// The caller holds the store's lock.
Result<void> remove_lost_images(const sys::Fd& store, Locks& locks,
                                const std::function<std::string()>& aside);

}  // namespace wolffia::image
