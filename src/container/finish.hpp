// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "container/create.hpp"
#include "container/filter.hpp"
#include "container/state.hpp"
#include "launch/hooks.hpp"
#include "sys/fd.hpp"

namespace wolffia::container {

/// The files that run.oci.hooks.stdout and run.oci.hooks.stderr name, to be written behind what is
/// in them. Source: crun(1).
Result<launch::HookOutput> open_hook_output(const Annotations& annotations);

/// Runs the poststop hooks of a container that is gone. One that fails is told to `notify`, and the
/// rest run. Source: runtime-spec runtime.md, "Lifecycle", step 14.
void run_poststop_hooks(const State& state, const Notify& notify);

/// Kills init and all that goes with it, and waits until it is gone.
Result<void> end_container(const State& state, const sys::PidFd& init);

/// Runs the poststart hooks; when one fails, the container is stopped.
/// Source: runtime-spec runtime.md, "Lifecycle", step 10.
Result<void> run_poststart_hooks(const State& state, const sys::PidFd& init);

}  // namespace wolffia::container
