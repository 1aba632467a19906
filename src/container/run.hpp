// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "container/create.hpp"
#include "container/supervise.hpp"

namespace wolffia::container {

struct RunRequest {
  CreateRequest create;
  bool detach = false;   // returns when the program runs
  bool keep = false;     // leaves the stopped container's state for `state` and `delete`
  std::string oom_file;  // made when a process was killed for want of memory; empty: none
  MakeRelay make_relay;  // used where the process has a terminal and no console socket is given
};

/// create() and start() in one. In the foreground it waits for the program, runs the poststop
/// hooks and removes the container, whatever the caller does later; returns the program's exit
/// status (128 + n after signal n). Detached it returns 0.
/// `status` is what the runtime exits with after an error: 127 or 126 for the program, else 1.
Result<int> run(const Store& store, const RunRequest& request, int& status);

}  // namespace wolffia::container
