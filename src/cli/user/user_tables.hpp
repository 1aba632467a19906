// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/user/containers.hpp"
#include "cli/user/ground.hpp"
#include "cli/user/request.hpp"

namespace wolffia::cli::user {

/// `passwd` with a line for `user` behind, called `name` where nobody is, else by the number; empty
/// where it has one already, or is empty itself. Source: passwd(5).
std::string passwd_with(std::string_view passwd, const oci::User& user, std::string_view name,
                        std::string_view home);
/// The same for the group of `user`. Source: group(5).
std::string group_with(std::string_view group, const oci::User& user, std::string_view name);

/// Writes a passwd and group that know who the program is into the container's directory, where
/// those of its root do not: it would have no name, which many a program takes for an error.
Result<void> write_user_tables(const RunRequest& request, Caller caller,
                               const ContainerDir& container, Ground& ground);

}  // namespace wolffia::cli::user
