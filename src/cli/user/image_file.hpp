// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"
#include "oci/image_spec.hpp"

/// Images as one SquashFS file, which wolffia-overlay serves: `wolffia-image convert` makes them.
namespace wolffia::cli::user {

/// Whether `path` is a regular file that begins as SquashFS does.
bool is_image_file(const std::string& path);

/// The config that the image has in its file, read from `root`, where it is mounted: nullopt for
/// one that somebody else made. Errors: those of oci::parse_image_config(). Source:
/// wolffia-image(1), "convert".
Result<std::optional<oci::ImageConfig>> config_of_image_file(const std::string& root);

}  // namespace wolffia::cli::user
