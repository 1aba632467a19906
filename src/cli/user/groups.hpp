// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "cli/outer_namespace.hpp"
#include "cli/user/request.hpp"

namespace wolffia::cli::user {

/// The caller's supplementary groups whose rights a container keeps although nobody asked for that,
/// as "27, 44"; empty: none. Without subordinate gids the kernel lets nobody drop them, as groups
/// can take rights away too. Source: user_namespaces(7), "/proc/PID/setgroups".
std::string groups_that_stay(const RunRequest& request, const OuterNamespace& outer);

/// Tells them.
void tell_groups(const RunRequest& request, const OuterNamespace& outer);

}  // namespace wolffia::cli::user
