// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "container/store.hpp"
#include "plan/make_plan.hpp"

namespace wolffia::container {

/// Takes a sentence for a person: something degraded, or a failure that stops nothing. Layers
/// below the command line do not log.
using Notify = std::function<void(std::string_view)>;

struct CreateRequest {
  plan::Options options;         // id and bundle (absolute) included
  std::string config_file;       // relative to the caller's cwd; empty: config.json of the bundle
  std::vector<std::string> env;  // NAME=VALUE, put after the bundle's: LISTEN_FDS, LISTEN_PID
  std::string pid_file;          // relative to the caller's cwd; empty: none
  std::string console_socket;    // path; needed when the process has a terminal
  std::string pidfd_socket;      // path; empty: none
  std::string service_manager;   // our own NOTIFY_SOCKET, see readiness.hpp; empty: none
  Notify notify;                 // must be callable
  std::function<void(const plan::Plan&)> planned;  // called with what will be done; may be empty
  std::function<void()> settled;  // called when only the program's start can still fail; may be
                                  // empty. Who has to show a failure first can hold notices back
};

/// Creates the container up to its program, which waits for start(). Does everything config.json
/// asks but args: hooks prestart, createRuntime and createContainer included. When it fails,
/// nothing is left: no process, directory or pid file.
/// `status` is what the runtime exits with after an error: 127 or 126 for the program, else 1.
Result<void> create(const Store& store, const CreateRequest& request, int& status);

/// The plan `run --dry-run` prints: nothing is made, no id reserved. `state_root` is where the
/// container's directory would be, see state_root_path().
Result<plan::Plan> plan_only(const CreateRequest& request, const std::string& state_root);

}  // namespace wolffia::container
