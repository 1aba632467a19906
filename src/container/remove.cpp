// SPDX-License-Identifier: Apache-2.0
#include "container/remove.hpp"

#include "container/cgroups.hpp"
#include "container/finish.hpp"
#include "container/lifecycle.hpp"
#include "container/members.hpp"
#include "sys/lock.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

Result<void> end_init(const State& state) {
  const auto init = open_process(state.init);
  if (!init) return {};  // it has ended
  return end_container(state, init->pidfd);
}

/// Kills the runtime that is creating the container at this moment, and what it has started.
Result<void> end_creator(const Entry& entry) {
  const pid_t pid = entry.creator();
  if (pid == 0) return {};
  const auto creator = sys::open_pidfd(pid);
  if (!creator || entry.creator() != pid) return {};  // done meanwhile, or dead
  return end_family(*creator, pid);
}

/// Kills whatever the traces lead to. Without the state nobody knows about the pid namespace, so
/// init's family is looked for as well.
Result<void> end_traced(const Store& store, const std::string& id) {
  for (const Identity& identity : TRY(store.traces(id)))
    if (const auto init = open_process(identity); init)
      TRY(end_family(init->pidfd, identity.pid), "container ", id);
  return {};
}

/// The hooks belong to the one of several deletes that comes first.
Result<void> run_poststop(const Entry& entry, const State& state, const Notify& notify) {
  if (state.poststop.empty()) return {};
  if (!TRY(sys::try_lock(entry.directory())))
    return Error::because(EBUSY, cat("container ", entry.id(), " is being deleted already"));
  run_poststop_hooks(state, notify);
  return {};
}

Result<void> remove_entry(const Store& store, const Entry& entry, const Notify& notify) {
  const Held container = TRY(hold(entry));
  TRY(allow(Operation::Delete, container.status, entry.id()));
  if (container.init) TRY(end_container(container.state, container.init), "container ", entry.id());
  TRY(end_cgroup(container.state));
  TRY(run_poststop(entry, container.state, notify));
  TRY(store.remove_trace(entry.id(), encode_identity(container.state.init)));
  return store.erase(entry);
}

/// Nothing here may depend on what the files say.
Result<void> force_entry(const Store& store, const Entry& entry, const Notify& notify) {
  TRY(end_creator(entry), "the runtime that creates container ", entry.id());
  const std::string trace = store.trace_text(entry.id());
  const auto state = entry.load();
  if (state) TRY(end_init(*state), "container ", entry.id());
  TRY(end_traced(store, entry.id()));
  if (state) {
    TRY(end_cgroup(*state));
    (void)run_poststop(entry, *state, notify);  // busy: another delete runs them
  } else if (!state.error().is(ENOENT)) {
    notify(cat("the state of container ", entry.id(),
               " is damaged: poststop hooks, if it has any, were not run"));
  }
  TRY(store.remove_trace(entry.id(), trace));
  return store.erase(entry);
}

}  // namespace

Result<void> remove(const Store& store, const std::string& id, Force force, const Notify& notify) {
  const auto entry = store.find(id);
  if (force == Force::No) {
    if (!entry) return entry.error();
    return remove_entry(store, *entry, notify);
  }
  if (entry) return force_entry(store, *entry, notify);
  // No directory that can be opened; the trace beside it may still lead to a process.
  const std::string trace = store.trace_text(id);
  TRY(end_traced(store, id));
  TRY(store.remove_trace(id, trace));
  return store.erase_unreadable(id);
}

}  // namespace wolffia::container
