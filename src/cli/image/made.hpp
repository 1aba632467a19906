// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "cli/option.hpp"
#include "image/transfer/make.hpp"

namespace wolffia::cli::image {

/// What the options say of an image that is made here; `name` may be empty. Its time is that of
/// $SOURCE_DATE_EPOCH, in seconds since 1970, where that is set, so that the same files make the
/// same image. Errors: EINVAL.
Result<wolffia::image::MakeOrder> wanted_image(const Arguments& arguments, std::string_view name,
                                               std::string created_by);

}  // namespace wolffia::cli::image
