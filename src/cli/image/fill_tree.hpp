// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "image/transfer/fetch.hpp"
#include "image/transfer/resolve.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli::image {

/// Unpacks the image's layers into the directory, one upon the other, whiteouts applied at once.
Result<void> fill_tree(const sys::Fd& tree, const wolffia::image::ResolvedImage& image,
                       const wolffia::image::FetchMeans& means, wolffia::image::Owners owners);

}  // namespace wolffia::cli::image
