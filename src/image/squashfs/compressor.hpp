// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sqfs/compressor.h>

namespace wolffia::image {

/// `inner`, which it destroys, but what does not get smaller is stored as it is: libsquashfs's lz4
/// gives it longer than it was, and neither Linux nor unsquashfs reads such a block of a table.
/// Null where there is no memory; `inner` is destroyed then.
sqfs_compressor_t* only_smaller(sqfs_compressor_t* inner);

}  // namespace wolffia::image
