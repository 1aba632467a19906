// SPDX-License-Identifier: Apache-2.0
#include "container/resources.hpp"

#include "base/words.hpp"
#include "container/cgroups.hpp"
#include "container/lifecycle.hpp"
#include "container/scope.hpp"
#include "plan/limits.hpp"
#include "plan/scope.hpp"

namespace wolffia::container {
namespace {

constexpr std::chrono::seconds kFreezePatience{10};

Result<State> state_for(const Store& store, const std::string& id, Operation operation) {
  Listing container = TRY(inspect(store, id));
  TRY(allow(operation, container.status, id));
  return std::move(container.state);
}

Result<cgroup::Group> group_for(const Store& store, const std::string& id, Operation operation) {
  return group_of(TRY(state_for(store, id, operation)));
}

/// The kernel takes such a limit and kills until it is kept.
Result<void> check_memory(const cgroup::Group& group, const oci::Resources::Memory& memory) {
  if (!memory.check_before_update || memory.limit.value_or(0) <= 0) return {};
  const std::string text = TRY(group.read("memory.current"), "memory.checkBeforeUpdate");
  int64_t used = 0;
  if (!read_number(text, used) || used <= *memory.limit) return {};
  return Error::because(
      EINVAL, cat("linux.resources.memory.limit ", *memory.limit, " is less than the ", used,
                  " bytes in use, and ", "checkBeforeUpdate is set"));
}

}  // namespace

Result<void> pause(const Store& store, const std::string& id) {
  const cgroup::Group group = TRY(group_for(store, id, Operation::Pause));
  TRY(group.freeze(kFreezePatience), "pause container ", id);
  return {};
}

Result<void> resume(const Store& store, const std::string& id) {
  const cgroup::Group group = TRY(group_for(store, id, Operation::Resume));
  TRY(group.thaw(), "resume container ", id);
  return {};
}

Result<void> update(const Store& store, const std::string& id, const oci::Resources& resources,
                    const Notify& notify) {
  const State state = TRY(state_for(store, id, Operation::Update));
  const cgroup::Group group = TRY(group_of(state));
  const plan::CurrentLimits current = cgroup::current_limits(group);
  std::vector<std::string> notices;
  const auto limits = TRY(plan::plan_limits(resources, &current, notices));
  for (const std::string& notice : notices)
    notify(notice);
  TRY(check_memory(group, resources.memory));
  // What is above comes first: a cgroup has no more than that.
  if (!state.scope.empty()) TRY(set_scope(state, plan::limit_properties(limits)));
  const auto hierarchy = TRY(cgroup::Hierarchy::find());
  TRY(cgroup::equip(hierarchy, group.path(), limits), "linux.resources can't be applied");
  return cgroup::apply(group, limits);
}

}  // namespace wolffia::container
