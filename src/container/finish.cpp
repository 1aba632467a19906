// SPDX-License-Identifier: Apache-2.0
#include "container/finish.hpp"

#include "container/members.hpp"
#include "launch/hooks.hpp"

namespace wolffia::container {

void run_poststop_hooks(const State& state, const Notify& notify) {
  const std::string json = hook_state(state, Status::Stopped, "0");
  for (const oci::Hook& hook : state.poststop)
    if (auto ran = launch::run_hook(hook, json, state.bundle.c_str()); !ran)
      notify(std::move(ran).error().context("hooks.poststop").message());
}

Result<void> end_container(const State& state, const sys::PidFd& init) {
  return state.own_pid_namespace ? end_process(init) : end_family(init, state.init.pid);
}

Result<void> run_poststart_hooks(const State& state, const sys::PidFd& init) {
  if (state.poststart.empty()) return {};
  const std::string json = hook_state(state, Status::Running, cat(state.init.pid));
  auto ran = launch::run_hooks("poststart", state.poststart, json, state.bundle.c_str());
  if (ran) return {};
  TRY(end_container(state, init));
  return ran;
}

}  // namespace wolffia::container
