// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "image/layer/bytes.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image {

/// Unpacked bytes a compressed byte may become, once there are more than `free` of them.
struct InflateLimits {
  uint64_t ratio = UINT64_MAX;
  uint64_t free = uint64_t{64} << 20;
};

/// What `from` brings, decompressed; `from` must outlive it. Gzip is any number of members, zstd
/// any number of frames and skippable frames with windows of up to 64 MiB; with None the bytes are
/// passed on. Source: RFC 1952; RFC 8878.
/// Errors of read(): EINVAL when it is no gzip or zstd, or a checksum is wrong; EIO when it ends
/// too early; E2BIG beyond the limits; those of `from`.
std::unique_ptr<ByteSource> open_inflater(ByteSource& from, oci::Compression compression,
                                          const InflateLimits& limits = {});

}  // namespace wolffia::image
