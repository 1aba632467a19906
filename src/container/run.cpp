// SPDX-License-Identifier: Apache-2.0
#include "container/run.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "container/birth.hpp"
#include "container/cgroups.hpp"
#include "container/finish.hpp"
#include "container/members.hpp"
#include "container/memory_kills.hpp"
#include "container/readiness.hpp"
#include "sys/attributes.hpp"
#include "sys/children.hpp"
#include "sys/file.hpp"

namespace wolffia::container {
namespace {

/// What outlived init in a pid namespace that is not the container's: it was adopted by us.
Result<void> end_adopted() {
  for (const Member& member : TRY(family(::getpid()))) {
    if (member.pid == ::getpid()) continue;
    if (const auto process = open_member(member); process) TRY(end_process(*process));
  }
  while (TRY(sys::reap_next())) {
  }
  return {};
}

/// Lets the program run and waits until it does, or its start is broken off by a signal.
Result<void> let_go(Birth& birth, sys::HeldSignals* signals, int& status) {
  TRY(birth.init.release());
  if (signals) TRY(await_program(birth.init.channel(), *signals, status));
  if (auto ran = birth.init.wait_exec(); !ran) {
    status = birth.init.failure_status();
    return ran;
  }
  return run_poststart_hooks(birth.state, birth.init.pidfd());
}

Result<void> tell_of_memory(const MemoryKills& kills, const State& state,
                            const RunRequest& request) {
  if (kills.count() == 0) return {};
  request.create.notify(kills.sentence(state.id));
  if (request.oom_file.empty()) return {};
  TRY(sys::open_at(sys::cwd(), request.oom_file.c_str(), O_WRONLY | O_CREAT, 0600), "--oom-file ",
      request.oom_file);
  return {};
}

/// After the program: what `delete` does for a container that was created.
Result<void> clean_up(const Store& store, const Entry& entry, const State& state,
                      const RunRequest& request) {
  if (!state.own_pid_namespace) TRY(end_adopted());
  TRY(end_cgroup(state));
  if (request.keep) return {};
  run_poststop_hooks(state, request.create.notify);
  TRY(store.remove_trace(entry.id(), encode_identity(state.init)));
  return store.erase(entry);
}

Result<int> run_detached(const RunRequest& request, Birth birth, int& status) {
  const auto give_up = [&](Error error) {
    return abandon(std::move(birth), std::move(error), request.create.notify);
  };
  auto readiness = Readiness::listen(birth.reservation.entry(), request.create.service_manager);
  if (!readiness) return give_up(std::move(readiness).error());
  if (auto gone = let_go(birth, nullptr, status); !gone) return give_up(std::move(gone).error());
  if (*readiness)
    if (auto ready = (*readiness)->await(birth.init.pidfd(), birth.init.pid()); !ready)
      return give_up(std::move(ready).error());
  (void)std::move(birth).keep();
  return 0;
}

Result<int> run_foreground(const Store& store, const RunRequest& request, Birth birth,
                           int& status) {
  const auto give_up = [&](Error error) {
    return abandon(std::move(birth), std::move(error), request.create.notify);
  };
  auto signals = sys::HeldSignals::hold();
  if (!signals) return give_up(std::move(signals).error());
  std::unique_ptr<Relay> relay;
  if (needs_relay(birth.state, request.create)) {
    auto made = request.make_relay(birth.init.take_console());
    if (!made) return give_up(std::move(made).error().context("terminal"));
    relay = std::move(made).value();
  }
  if (!birth.state.own_pid_namespace)
    if (auto adopts = sys::set_subreaper(); !adopts) return give_up(std::move(adopts).error());
  auto readiness = Readiness::listen(birth.reservation.entry(), request.create.service_manager);
  if (!readiness) return give_up(std::move(readiness).error());
  if (auto gone = let_go(birth, &*signals, status); !gone) return give_up(std::move(gone).error());
  if (relay) relay->resized();  // the signal of a change meanwhile was dropped
  MemoryKills kills = MemoryKills::of(birth.state);
  const Foreground process{.pidfd = birth.init.pidfd(),
                           .pid = birth.init.pid(),
                           .readiness = *readiness ? &**readiness : nullptr,
                           .kills = &kills};
  auto ended = supervise(process, *signals, relay.get());
  if (!ended) return give_up(std::move(ended).error());
  relay.reset();
  const State state = std::move(birth.state);
  const Entry entry = std::move(birth).keep();
  auto told = tell_of_memory(kills, state, request);
  TRY(clean_up(store, entry, state, request), "clean up after container ", entry.id());
  TRY(std::move(told));
  return ended->status();
}

}  // namespace

Result<int> run(const Store& store, const RunRequest& request, int& status) {
  const Attendance attendance = request.detach ? Attendance::Detached : Attendance::Foreground;
  Birth birth = TRY(bring_up(store, request.create, attendance, status));
  if (request.detach) return run_detached(request, std::move(birth), status);
  return run_foreground(store, request, std::move(birth), status);
}

}  // namespace wolffia::container
