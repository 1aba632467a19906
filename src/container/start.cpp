// SPDX-License-Identifier: Apache-2.0
#include "container/start.hpp"

#include <chrono>

#include "container/finish.hpp"
#include "container/lifecycle.hpp"
#include "container/readiness.hpp"
#include "launch/init.hpp"
#include "sys/directory.hpp"
#include "sys/process.hpp"

namespace wolffia::container {
namespace {

using Clock = std::chrono::steady_clock;

/// Whoever waits for a container by asking for its state sees it while `create` is at work still;
/// what follows must not depend on which of the two is faster. Not for ever: it may be a hook of
/// that very create that asks.
Result<Held> hold_created(const Entry& entry) {
  constexpr std::chrono::seconds kPatience(5);
  constexpr std::chrono::milliseconds kBetween(5);
  const Clock::time_point deadline = Clock::now() + kPatience;
  for (;;) {
    Held container = TRY(hold(entry));
    if (container.status != Status::Creating || Clock::now() > deadline) return container;
    const auto creator = sys::open_pidfd(entry.creator());
    if (creator) TRY(sys::ended_within(*creator, kBetween));
  }
}

}  // namespace

Result<void> start(const Store& store, const std::string& id, const std::string& manager,
                   int& status) {
  status = 1;
  const Entry entry = TRY(store.find(id));
  // Held from here on: once the program runs it may end at any moment, and its pid be another's.
  const Held container = TRY(hold_created(entry));
  TRY(allow(Operation::Start, container.status, id));
  if (!container.state.has_process)
    return Error::because(
        EINVAL, cat("container ", id, " cannot be started: its config.json has no process"));
  const auto readiness = TRY(Readiness::listen(entry, manager));
  auto passed = launch::pass_gate(entry.directory(), kGate, status);
  if (!passed && (passed.error().is(ECONNREFUSED) || passed.error().is(ECONNRESET)))
    return Error::because(EINVAL, cat("container ", id, " is being started by another call"));
  TRY(std::move(passed));
  (void)sys::remove_entry(entry.directory(), kGate);  // nobody listens there any more
  TRY(run_poststart_hooks(container.state, container.init));
  return readiness ? readiness->await(container.init, container.state.init.pid) : Result<void>();
}

}  // namespace wolffia::container
