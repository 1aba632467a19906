// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "base/result.hpp"
#include "overlay/layer.hpp"
#include "sys/fd.hpp"

/// SquashFS files as layers, read in process. Source: the format as Linux reads it,
/// Documentation/filesystems/squashfs.rst and fs/squashfs/squashfs_fs.h.
namespace wolffia::overlay {

struct ImageMeans;

/// Opens images, which share a cache of what was decompressed, and threads that read ahead.
class ImageOpener {
 public:
  /// `threads`: as many decompress at once, those that serve requests not counted.
  explicit ImageOpener(unsigned threads);

  /// The root of the image in `file`. Errors: EINVAL for what is no image, or one compressed in a
  /// way that is not known here; EIO for a damaged one.
  Result<LayerDirPtr> open(sys::Fd file) const;

 private:
  std::shared_ptr<ImageMeans> means_;
};

/// Whether the regular file `file` begins as an image does.
bool is_image(const sys::Fd& file);

}  // namespace wolffia::overlay
