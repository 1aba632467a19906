// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "container/announce.hpp"
#include "container/cgroups.hpp"
#include "container/create.hpp"
#include "container/store.hpp"
#include "launch/init.hpp"

/// What create and run have in common: a container brought up to the point where only its program
/// is missing.
namespace wolffia::container {

/// Who is there when the program starts.
enum class Attendance : uint8_t { AtGate, Detached, Foreground };

/// A container recorded and ready, but not yet let go. Destroyed as it is, nothing of it is left.
struct Birth {
  Reservation reservation;  // the first member: it goes last, when init is dead
  CgroupLease cgroup;       // outlives init too
  State state;
  PidFile pid_file;
  launch::Init init;

  /// From here the container stays when this is destroyed.
  Entry keep() &&;
};

/// Reserves the id, reads the bundle and does everything up to the program: runtime-spec
/// runtime.md, "Lifecycle", steps 2 to 6, and the same for `run`. `status` is what the runtime
/// exits with after an error.
Result<Birth> bring_up(const Store& store, const CreateRequest& request, Attendance attendance,
                       int& status);

/// Undoes a birth that failed after its hooks may have run: ends init, runs the poststop hooks.
/// Returns `error`. Source: runtime-spec runtime.md, "Lifecycle": "continue at step 12".
Error abandon(Birth birth, Error error, const Notify& notify);

/// True when a terminal is to be relayed by us.
bool needs_relay(const State& state, const CreateRequest& request);

}  // namespace wolffia::container
