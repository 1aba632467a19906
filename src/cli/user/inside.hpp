// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "base/result.hpp"
#include "cli/user/record.hpp"
#include "cli/user/session.hpp"
#include "container/identity.hpp"
#include "sys/fd.hpp"

/// Work inside a container that others made: with its ids, and by descriptor only.
namespace wolffia::cli::user {

/// The container's user namespace is where its runtime had its rights from; from here on we have
/// them too. Its other namespaces the runtime joins by itself.
Result<void> join_user_namespace(const container::Identity& init);

/// The root file system of a container as its processes see it, to resolve paths in (sys/path.hpp).
struct OpenedRoot {
  sys::InRoot root;
  bool readonly = false;  // nothing may be written to it
};

/// Returns the exit status.
using RootWork = std::function<Result<int>(const OpenedRoot& root)>;

/// Does `work` with the root of a container and the rights of its root user: in its own namespaces
/// where it runs, with its volumes; else in an outer namespace of ours (outer_namespace.hpp) whose
/// failures are told there, and 125 is returned. Errors: EBUSY while it is being started.
Result<int> work_in_root(const Session& session, const Known& known, const RootWork& work);

}  // namespace wolffia::cli::user
