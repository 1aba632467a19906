// SPDX-License-Identifier: Apache-2.0
#include "container/finish.hpp"

#include <fcntl.h>

#include "container/members.hpp"
#include "launch/hooks.hpp"
#include "sys/file.hpp"

namespace wolffia::container {
namespace {

Result<sys::Fd> open_output(const Annotations& annotations, std::string_view key) {
  const std::string* path = find_annotation(annotations, key);
  if (!path) return sys::Fd();
  return TRY(sys::open_at(sys::cwd(), path->c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600),
             "annotation ", key, " ", *path);
}

}  // namespace

Result<launch::HookOutput> open_hook_output(const Annotations& annotations) {
  return launch::HookOutput{TRY(open_output(annotations, "run.oci.hooks.stdout")),
                            TRY(open_output(annotations, "run.oci.hooks.stderr"))};
}

void run_poststop_hooks(const State& state, const Notify& notify) {
  if (state.poststop.empty()) return;
  const std::string json = hook_state(state, Status::Stopped, "0");
  auto output = open_hook_output(state.annotations);
  if (!output) notify(output.error().message());  // they run all the same
  const launch::HookPlace place{state.bundle.c_str(), output ? &*output : nullptr};
  for (const oci::Hook& hook : state.poststop)
    if (auto ran = launch::run_hook(hook, json, place); !ran)
      notify(std::move(ran).error().context("hooks.poststop").message());
}

Result<void> end_container(const State& state, const sys::PidFd& init) {
  return state.own_pid_namespace ? end_process(init) : end_family(init, state.init.pid);
}

Result<void> run_poststart_hooks(const State& state, const sys::PidFd& init) {
  if (state.poststart.empty()) return {};
  const std::string json = hook_state(state, Status::Running, cat(state.init.pid));
  const auto ran = [&]() -> Result<void> {
    const launch::HookOutput output = TRY(open_hook_output(state.annotations));
    return launch::run_hooks("poststart", state.poststart, json, {state.bundle.c_str(), &output});
  }();
  if (ran) return {};
  TRY(end_container(state, init));
  return ran;
}

}  // namespace wolffia::container
