// SPDX-License-Identifier: Apache-2.0
#include "container/kill.hpp"

#include <signal.h>

#include "container/lifecycle.hpp"
#include "container/members.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

Result<void> signal_members(const State& state, int signal) {
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
