// SPDX-License-Identifier: Apache-2.0
#include "container/processes.hpp"

#include "container/cgroups.hpp"
#include "container/lifecycle.hpp"
#include "container/members.hpp"

namespace wolffia::container {

Result<std::vector<pid_t>> processes(const Store& store, const std::string& id) {
  const Listing container = TRY(inspect(store, id));
  TRY(allow(Operation::Processes, container.status, id));
  if (!container.state.cgroup.empty()) return TRY(group_of(container.state)).processes();
  std::vector<pid_t> pids;
  for (const Member& member : TRY(members(container.state)))
    pids.push_back(member.pid);
  return pids;
}

}  // namespace wolffia::container
