// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace wolffia::cli::user {

/// podman's and docker's: not the program failed, but we or wolffia-oci.
inline constexpr const char* kFailureStatus = "125";

/// Becomes wolffia-image with `words`, called by our name: where it fails its status is ours then,
/// as podman's and docker's is. Returns only to say why not.
Error become_image_program(const std::vector<std::string>& words);

}  // namespace wolffia::cli::user
