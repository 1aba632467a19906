// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"
#include "image/remote/credentials.hpp"

namespace wolffia::image::remote {

/// The file that logging in writes to: `wanted` (--authfile), $REGISTRY_AUTH_FILE,
/// $XDG_RUNTIME_DIR/containers/auth.json, else ~/.config/containers/auth.json.
/// Errors: ENOENT where there is neither such a directory nor a home.
Result<std::string> login_file(const std::string& wanted);

/// Keeps `credentials` for `key`, "host" or "host/repository", in the file `path` (0600, whole or
/// not at all, everything else in it as it was), or in the helper that the file names for the host.
Result<void> remember(const std::string& path, const std::string& key,
                      const Credentials& credentials);

/// Forgets `key`; false: nothing was kept.
Result<bool> forget(const std::string& path, const std::string& key);

/// The text of an auth.json with the entry of `key` set, or without it; `text` may be empty.
Result<std::string> with_entry(std::string text, const std::string& path, const std::string& key,
                               const std::optional<Credentials>& credentials);

}  // namespace wolffia::image::remote
