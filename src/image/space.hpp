// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "image/store.hpp"

namespace wolffia::image {

/// That `bytes` more fit into the store, asked before they are fetched. Errors: ENOSPC; the message
/// proposes a directory with room, from $SCRATCH, $TMPDIR, /var/tmp and /tmp, where there is one.
Result<void> check_space(const Store& store, uint64_t bytes);

/// `error`, from writing to the store; where the disk turned out to be full, or the user's quota
/// used up, with the same proposal.
Error explain_full(const Store& store, Error error);

}  // namespace wolffia::image
