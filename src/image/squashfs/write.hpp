// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "image/layer/unpack.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// How blocks of an image are compressed.
struct ImageFormat {
  enum class Compression : uint8_t { Zstd, Gzip, Xz, Lz4 };
  Compression compression = Compression::Zstd;
  uint32_t level = 0;
  unsigned threads = 1;  // that compress
};

/// The format of that name, and the level, else the usual one. Errors: EINVAL naming what is known.
Result<ImageFormat> image_format(std::string_view compression, std::optional<uint32_t> level);

/// The attribute of an image's root that keeps the config, a JSON text.
inline constexpr const char* kImageConfigAttribute = "user.wolffia.config";
inline constexpr size_t kMostConfig = 64 << 10;  // what Linux lets an attribute have

struct ImageOrder {
  ImageFormat format = {};
  /// With Caller files are root's, but where their owner was noted.
  Owners owners = Owners::Archive;
  std::string config = {};  // empty: none is kept
  /// The tree was unpacked, so nobody gave its root a time: it gets that of its newest entry.
  bool root_has_time = true;
  /// Other directories that changed since then got their time by being unpacked into, likewise.
  int64_t unpacked_since = INT64_MAX;
};

/// Writes the files of `tree` as a SquashFS image into the empty file `out`, which is not synced.
/// The same tree and order give the same bytes. Memory does not grow with files' contents.
/// Errors: E2BIG for a config that is too long; ESTALE where a file changes meanwhile; ENOSPC.
Result<void> write_image(const sys::Fd& tree, const sys::Fd& out, const ImageOrder& order);

}  // namespace wolffia::image
