// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <string>

#include "base/result.hpp"
#include "plan/plan.hpp"

/// Who sees which ids. Source: user_namespaces(7), "User and group ID mappings".
namespace wolffia::launch {

/// Maps the one id of the plan; called by the process in the new namespace itself.
Result<void> write_own_maps(const plan::UserNamespacePlan& user);

/// What write_maps_of() did.
struct MapsWritten {
  bool one_id = false;  // the helpers failed, and one id was mapped instead
  std::string notice;   // then: why, and the line that mends it
};

/// Maps the ids of process `pid`, which waits: by writing, or through newuidmap and newgidmap, both
/// at once. Their exit status is checked and the maps are read back.
/// Errors: EPERM with the helper's own words, unless the plan may fall back to one id.
Result<MapsWritten> write_maps_of(pid_t pid, const plan::UserNamespacePlan& user);

/// Maps the ids of process `pid`, which waits, for a mount: always by writing, as only who may has
/// a use for them.
Result<void> write_maps_for_mount(pid_t pid, const plan::MountIdMap& map);

/// Becomes uid and gid 0 where the namespace has them; called in the namespace.
Result<void> become_mapped_root(const plan::UserNamespacePlan& user);

}  // namespace wolffia::launch
