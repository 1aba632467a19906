// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"
#include "sys/fd.hpp"

namespace wolffia::launch {

/// Where a hook writes to; empty: where we do.
struct HookOutput {
  sys::Fd out, error;
};

/// What a hook finds besides its state.
struct HookPlace {
  const char* directory = nullptr;     // the bundle, as with runc; null: where we are
  const HookOutput* output = nullptr;  // null: ours
};

/// Runs one hook in the namespaces of the caller: `state_json` on its standard input, no other
/// descriptor but those of `place`, in its directory if that still exists. Returns when it ended.
/// Errors: it could not be started; it exited with another status than 0; it ran longer than its
/// timeout (and was killed). Source: runtime-spec config.md, "POSIX-platform Hooks".
Result<void> run_hook(const oci::Hook& hook, std::string_view state_json,
                      const HookPlace& place = {});

/// run_hook() on each in order, until one fails; `name` is the field ("createRuntime").
Result<void> run_hooks(const char* name, const std::vector<oci::Hook>& hooks,
                       std::string_view state_json, const HookPlace& place = {});

}  // namespace wolffia::launch
