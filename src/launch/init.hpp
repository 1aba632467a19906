// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.hpp"
#include "launch/hooks.hpp"
#include "launch/mapped_trees.hpp"
#include "launch/net_devices.hpp"
#include "launch/protocol.hpp"
#include "launch/seccomp_filter.hpp"
#include "launch/starter.hpp"
#include "plan/plan.hpp"
#include "sys/fd.hpp"
#include "sys/process.hpp"

namespace wolffia::launch {

/// Which container an exec'd process joins.
struct JoinTarget {
  const sys::PidFd& init;
  pid_t pid;
  int made = 0;  // CLONE_NEW* of the namespaces made for it, which can't be ours
};

/// What the caller hands to the process it starts.
struct Handover {
  Filter filter;
  CgroupTarget cgroup;
  sys::Fd gate;  // `create`: a listening socket of make_gate(); empty: goes on at release()
  sys::Fd console_socket;  // connected; empty with a terminal: the master is in Init::console()
  /// Whoever answers the filter's notifications: a connected stream socket, empty where there are
  /// none; and what it is told, with "@PID@" where the pid of the new process belongs.
  sys::Fd listener_socket;
  std::string listener_json;
  /// The container's state for createContainer and for startContainer hooks, with "@PID@" where the
  /// pid belongs, which the process itself fills in.
  std::string creating_json, created_json;
  HookOutput hook_output;
  std::vector<MappedTree> mapped_trees;
};

/// A process on its way into a container: it goes on only while its starter lives, until
/// release(). Destroyed before release(), the process ends.
///
///   start_init / start_exec -> [hooks of the runtime namespace] -> prepare -> release -> wait_exec
class Init {
 public:
  Init(Init&& other) noexcept;
  Init& operator=(Init&& other) noexcept;
  ~Init();

  pid_t pid() const { return pid_; }
  const sys::PidFd& pidfd() const { return pidfd_; }
  /// For poll(2): readable or hung up when wait_exec() will not block.
  const sys::Fd& channel() const { return channel_.socket(); }

  /// Lets the process finish everything up to its program (createContainer hooks, pivot_root,
  /// credentials are checked, program looked up) and waits until it stands at the gate.
  /// Errors: what failed inside, as a sentence; code ENOENT (status 127) or EACCES (status 126)
  /// for the program itself.
  Result<void> prepare();

  /// From here the process no longer depends on the caller. With a gate it waits there.
  Result<void> release();

  /// Without a gate: waits until the program runs (the channel closes at execve) or failed.
  Result<void> wait_exec();

  /// The exit status a runtime should end with after the error just returned: 127, 126 or 1.
  int failure_status() const { return failure_status_; }

  /// The pty master of a foreground terminal, after prepare().
  sys::Fd take_console() { return std::move(console_); }

  /// What was degraded while starting (one id instead of ranges, a kept locked flag).
  const std::vector<std::string>& notices() const { return notices_; }

 private:
  friend Result<Init> start_init(const plan::Plan&, Handover);
  friend Result<Init> start_exec(const JoinTarget&, const plan::ProcessPlan&, Handover);
  Init() = default;

  /// The next word that is neither a notice nor a console: `expected`, or why it failed.
  Result<Packet> hear(Word expected);
  /// Gives init its network devices, once it says where they are to be.
  Result<void> move_devices(const std::vector<NetDevice>& devices);
  Result<void> write_maps(const plan::UserNamespacePlan& user);
  void take(sys::Cloned cloned);
  /// What was taken is a joiner: waits until it tells of init, and takes that.
  Result<void> await_birth(const Channel& joiner);

  pid_t pid_ = 0;
  sys::PidFd pidfd_;
  Channel channel_;
  sys::Fd console_;
  int failure_status_ = kStatusOther;
  bool hooks_pending_ = false;  // init waits at Mounted
  bool asks_pid_ = false;       // init waits for Known
  bool released_ = false;
  std::vector<std::string> notices_;
};

/// Makes the namespaces, maps and mounts of `plan` in a new process. Returns when prestart and
/// createRuntime hooks may run: everything mounted, nothing pivoted.
Result<Init> start_init(const plan::Plan& plan, Handover handover);

/// Starts a process inside the container of `target`; prepare(), release() and wait_exec() follow.
Result<Init> start_exec(const JoinTarget& target, const plan::ProcessPlan& process,
                        Handover handover);

/// Makes the socket `name` in `directory` at which a created container waits for `start`.
Result<sys::Fd> make_gate(const sys::Fd& directory, const char* name);

/// Lets the container waiting at the gate go on, and waits until its program runs.
/// Errors: ECONNREFUSED or ENOENT when nobody waits; else what failed inside, `status` set as
/// Init::failure_status().
Result<void> pass_gate(const sys::Fd& directory, const char* name, int& status);

}  // namespace wolffia::launch
