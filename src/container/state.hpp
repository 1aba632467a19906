// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "container/identity.hpp"
#include "oci/runtime_spec.hpp"

/// What is recorded of a container. It is written once, before the container is released, and
/// never again: the status is not a field but is asked of the kernel each time.
namespace wolffia::container {

/// runtime-spec runtime.md, "State".
enum class Status : uint8_t { Creating, Created, Running, Stopped, Paused };

const char* status_name(Status status);

struct State {
  std::string id;
  Identity init;
  std::string bundle;       // absolute
  std::string rootfs;       // absolute
  std::string created;      // RFC 3339, UTC
  uint32_t owner = 0;       // uid of the caller, as its user namespace counts it
  bool has_process = true;  // false: config.json has no process, so start is an error
  bool terminal = false;
  bool own_pid_namespace = true;  // false: killing init does not kill the rest
  std::vector<std::pair<std::string, std::string>> annotations;
  std::vector<oci::Hook> poststart, poststop;
  std::string cgroup;         // its path in the v2 hierarchy; empty: the caller's was kept
  uint32_t cgroup_made = 0;   // so many names at the end of that path were made for it
  std::string scope;          // systemd's, in which that is; empty: it knows of none
  bool system_scope = false;  // of the machine's systemd, not of the user's
};

/// state.json as it lies on disk.
std::string encode_state(const State& state);

/// Errors: EINVAL, a sentence, for everything encode_state() cannot have written.
Result<State> decode_state(std::string text);

/// The status of the container whose init is `init`.
Status status_of(const Identity& init);
/// The same where init is known to live.
Status status_of(const ProcessFacts& living);

/// The state as the specification words it, for hooks: ociVersion, id, status, pid, bundle,
/// annotations. `pid` is a number, or what launch replaces by one ("@PID@").
std::string hook_state(const State& state, Status status, std::string_view pid);

/// The same for `state` and `list`, with rootfs, created and owner as runc prints them; pid is 0
/// when stopped. `indent` is what one level is indented by; empty: everything on one line.
std::string state_json(const State& state, Status status, std::string_view owner,
                       std::string_view indent = "  ");

/// The current time as `created` wants it: "2026-08-01T12:00:00.123456789Z".
std::string timestamp_now();

}  // namespace wolffia::container
