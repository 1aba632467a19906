// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/create.hpp"
#include "container/supervise.hpp"

namespace wolffia::container {

/// What the command line of exec says; what it leaves open comes from the container's own
/// process, as config.json had it at create.
struct ExecRequest {
  std::string id;
  std::string process_json;  // the text of --process; then only args and below are ignored
  std::vector<std::string> args;
  std::vector<std::string> env;  // NAME=VALUE, added after the container's own
  std::string cwd;               // empty: the container's
  std::optional<uint32_t> uid, gid;
  std::vector<uint32_t> additional_gids;
  std::vector<std::string> capabilities;  // added to bounding, effective and permitted
  std::string apparmor, selinux;          // instead of the container's; empty: those
  bool no_new_privileges = false;         // true: set, whatever the container's process says
  std::optional<bool> terminal;           // --tty; with --process: overrides it

  bool ignore_paused = false;  // wait until a paused container goes on, instead of an error
  std::string cgroup;          // below the container's own; empty: that one

  bool detach = false;
  std::string pid_file;  // relative to the caller's cwd; empty: none
  std::string console_socket;
  std::string pidfd_socket;
  uint32_t preserve_fds = 0;
  Notify notify;                  // must be callable
  std::function<void()> settled;  // as CreateRequest::settled
  MakeRelay make_relay;
};

/// The exit status of a failed exec that is not the program's own. Source: runc exec.
inline constexpr int kExecFailed = 255;

/// Runs a process inside a created or running container. Returns its exit status; 0 when detached.
/// `status` is what the runtime exits with after an error: 127 or 126 for the program, else
/// kExecFailed; no pid file is left then.
Result<int> exec(const Store& store, const ExecRequest& request, int& status);

}  // namespace wolffia::container
