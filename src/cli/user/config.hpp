// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "cli/user/request.hpp"
#include "json/writer.hpp"

namespace wolffia::cli::user {

/// The config.json for a command in a plain root directory: own namespaces, a small set of
/// capabilities, no_new_privs, our seccomp profile, and of the host's environment only
/// kPassedVariables.
std::string config_for_directory(const RunRequest& request);

/// `text`, a bundle's config.json, with what the command line asks for in addition: only the
/// members it names are changed. Errors: EINVAL where `text` is no object of the right shape.
Result<std::string> config_for_bundle(const RunRequest& request, std::string text);

/// Writes one of the bundle's mounts.
void write_volume(json::Writer& out, const Volume& volume);

}  // namespace wolffia::cli::user
