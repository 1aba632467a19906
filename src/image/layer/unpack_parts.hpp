// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/layer/hash.hpp"
#include "image/layer/unpack.hpp"

namespace wolffia::image {

/// unpack() with a hash that was made before: a process forked from one with threads must not wait
/// for locks of libcrypto, which another thread may have held.
Result<Unpacked> unpack_hashing(const sys::Fd& stream, const sys::Fd& tree,
                                const UnpackOptions& options, Hasher hasher);

}  // namespace wolffia::image
