// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "overlay/answer.hpp"

/// What the library of FUSE neither asks the kernel for nor hands on: read from the bytes of a
/// request, and written into those of the first answer.
namespace wolffia::overlay {

/// Sees all requests and answers of a session from now on. It has to be mounted already.
Result<void> see_raw_requests(fuse_session* session);

/// Whether the request that this thread answers takes the set-user-ID and set-group-ID bits of the
/// file away. Source: FUSE_HANDLE_KILLPRIV_V2 in linux/fuse.h.
bool kills_set_ids();

}  // namespace wolffia::overlay
