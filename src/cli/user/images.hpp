// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/user/record.hpp"
#include "cli/user/request.hpp"
#include "image/find.hpp"

namespace wolffia::cli::user {

using image::find_image;
using image::FoundImage;

/// find_image(), and where it is missing, or --pull says so, or `request.image` names a file,
/// wolffia-image fetches it first.
/// Errors: ENOENT, a sentence; what wolffia-image said stands on standard error.
Result<FoundImage> get_image(const image::Store& store, const RunRequest& request,
                             std::string_view owners);

/// The image a container was made of, as it lies in the store. Errors: ENOENT, a sentence.
Result<image::StoredImage> image_of_container(const image::Store& store, const Record& record,
                                              const OuterNamespace& outer);

}  // namespace wolffia::cli::user
