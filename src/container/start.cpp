// SPDX-License-Identifier: Apache-2.0
#include "container/start.hpp"

#include "container/finish.hpp"
#include "container/lifecycle.hpp"
#include "container/readiness.hpp"
#include "launch/init.hpp"
#include "sys/directory.hpp"

namespace wolffia::container {

Result<void> start(const Store& store, const std::string& id, const std::string& manager,
                   int& status) {
  status = 1;
  const Entry entry = TRY(store.find(id));
  // Held from here on: once the program runs it may end at any moment, and its pid be another's.
  const Held container = TRY(hold(entry));
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
