// SPDX-License-Identifier: Apache-2.0
#include "container/kill.hpp"

#include <signal.h>

#include "container/cgroups.hpp"
#include "container/lifecycle.hpp"
#include "container/members.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

constexpr std::chrono::seconds kFreezePatience{10};

/// None is born unseen while all are frozen, and none gets to act on the signal before the others
/// have it.
Result<void> signal_group(const State& state, int signal) {
  const cgroup::Group group = TRY(group_of(state));
  if (signal == SIGKILL) return group.kill();
  const bool was_frozen = TRY(group.frozen());
  if (!was_frozen) TRY(group.freeze(kFreezePatience));
  Result<void> outcome;
  for (const pid_t pid : TRY(group.processes())) {
    const auto process = sys::open_pidfd(pid);
    if (process && outcome) outcome = sys::send_signal(*process, signal);
  }
  if (!was_frozen) TRY(group.thaw());
  return outcome;
}

Result<void> signal_members(const State& state, int signal) {
  if (!state.cgroup.empty()) return signal_group(state, signal);
  for (const Member& member : TRY(members(state))) {
    const auto process = open_member(member);
    if (!process) continue;  // it ended meanwhile
    auto sent = sys::send_signal(*process, signal);
    if (!sent && !sent.error().is(ESRCH)) return sent;
  }
  return {};
}

}  // namespace

Result<void> kill(const Store& store, const std::string& id, int signal, Reach reach) {
  const Entry entry = TRY(store.find(id));
  const Held container = TRY(hold(entry));
  TRY(allow(Operation::Kill, container.status, id));
  // The kernel ends a pid namespace with its init.
  const bool init_is_all = signal == SIGKILL && container.state.own_pid_namespace;
  if (reach == Reach::All && !init_is_all) return signal_members(container.state, signal);
  auto sent = sys::send_signal(container.init, signal);
  if (!sent && sent.error().is(ESRCH))  // it ended since we looked
    return allow(Operation::Kill, Status::Stopped, id);
  TRY(std::move(sent), "cannot signal container ", id);
  return {};
}

}  // namespace wolffia::container
