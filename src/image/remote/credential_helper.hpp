// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "image/remote/credentials.hpp"

/// docker-credential-NAME, a program of the user's that keeps passwords elsewhere. It is the one
/// program that PATH is searched for, as everybody who writes such a name expects; so the name is a
/// plain word, the directory is absolute, and the file is root's or the caller's and nobody else
/// may write to it (I20). It gets the caller's environment, where its own settings are.
/// Source: the protocol in github.com/docker/docker-credential-helpers.
namespace wolffia::image::remote {

/// The program's path. Errors: EINVAL for a name that is no plain word; ENOENT; EPERM.
Result<std::string> find_helper(std::string_view name);

/// What helpers know a registry as: its host, but for docker's own, which has a name of old.
std::string helper_server(std::string_view host);

/// What the helper keeps for `server`; nullopt: nothing.
Result<std::optional<Credentials>> ask_helper(std::string_view name, std::string_view server);

Result<void> store_in_helper(std::string_view name, std::string_view server,
                             const Credentials& credentials);
Result<void> erase_from_helper(std::string_view name, std::string_view server);

}  // namespace wolffia::image::remote
