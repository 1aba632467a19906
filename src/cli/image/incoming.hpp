// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "base/result.hpp"
#include "cli/option.hpp"
#include "image/reference.hpp"
#include "image/transfer/pull.hpp"

namespace wolffia::cli::image {

/// As --keep-blobs says.
wolffia::image::KeepBlobs wanted_blobs(const Arguments& arguments);

/// `name` as a reference; without a host it is one of this machine's, "localhost/…". Errors:
/// EINVAL.
Result<wolffia::image::Reference> local_name(std::string_view name);

/// Puts the image into the store under `options.name`. One that is there already only gets the
/// name, unless its blobs are to be kept. Errors: those of pull_image().
Result<void> bring_in(const wolffia::image::PullMeans& means,
                      const wolffia::image::ResolvedImage& image,
                      const wolffia::image::Store& store,
                      const wolffia::image::PullOptions& options);

}  // namespace wolffia::cli::image
