// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "overlay/layer.hpp"
#include "overlay/squashfs_inode.hpp"

namespace wolffia::overlay {

/// A directory of an image; its parent has proved that it may be there.
LayerDirPtr image_directory(std::shared_ptr<const Image> image, const Inode& inode);

/// The bytes of a regular file of an image.
Result<std::unique_ptr<Content>> image_content(std::shared_ptr<const Image> image,
                                               const Inode& inode);

}  // namespace wolffia::overlay
