// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace wolffia::cli::user {

/// podman's and docker's: not the program failed, but we or wolffia-oci.
inline constexpr const char* kFailureStatus = "125";

/// The path of our own program `name`: in the directory of the running executable, or in libexec
/// beside it. PATH is never searched (I20).
/// Errors: ENOENT naming both places; EPERM when it is neither root's nor ours nor of the owner of
/// the running executable, or others may write it.
Result<std::string> find_program(const std::string& name);

/// Becomes wolffia-image with `words`, called by our name: where it fails its status is ours then,
/// as podman's and docker's is. Returns only to say why not.
Error become_image_program(const std::vector<std::string>& words);

}  // namespace wolffia::cli::user
