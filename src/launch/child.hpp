// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "launch/init.hpp"
#include "launch/protocol.hpp"
#include "launch/rootfs.hpp"
#include "plan/plan.hpp"

namespace wolffia::launch {

/// What the new process carries from stage to stage. It never outlives the process: left only by
/// execve or _exit.
struct Child {
  const plan::ProcessPlan& process;
  Channel channel;
  Handover handover;
  const plan::Plan* plan = nullptr;  // null: an exec'd process, nothing is built
  plan::Plan* fallback = nullptr;    // the same, where the plan may fall back to one id
  bool keep_groups = false;          // setgroups is denied in this user namespace
  Rootfs* rootfs = nullptr;          // null: an exec'd process
  sys::InRoot joined_root{};         // of an exec'd process
  sys::Fd joined_proc{};             // the host's /proc for it, where it gets labels
  sys::Fd apparmor{}, selinux{};     // where its labels are written
  sys::Fd terminal{};                // the pty's other side, our standard streams to be
  bool in_working_directory = false;
  std::string program{};  // what execve takes, once found
  std::string home{};     // "HOME=…" to add, empty: the environment has one

  const sys::InRoot& root() const { return rootfs ? rootfs->root : joined_root; }
  sys::Fd& host_proc() { return rootfs ? rootfs->host_proc : joined_proc; }
};

/// Builds the container around this process and becomes its program. Called in the new process,
/// in its new namespaces.
[[noreturn]] void run_init(Child& child) noexcept;

/// The same for a process that has joined its container's namespaces.
[[noreturn]] void run_joined(Child& child) noexcept;

/// Default actions for all signals, none blocked. While /proc is still the host's.
Result<void> reset_signals_now();

// The families of stages, in child_*.cpp.
Result<void> get_network_devices(Child& child);
Result<void> bring_loopback_up(Child& child);
Result<void> open_terminal(Child& child);
Result<void> take_terminal(Child& child);
Result<void> set_limits(Child& child);
Result<void> set_scheduling(Child& child);
Result<void> close_foreign_descriptors(Child& child);
Result<void> new_keyring(Child& child);
Result<void> find_home(Child& child);
Result<void> make_room_to_work(Child& child);
Result<void> make_working_directory(Child& child);
Result<void> give_streams(Child& child);
Result<void> drop_privileges(Child& child);
Result<void> open_labels(Child& child);
Result<void> set_labels(Child& child);
Result<void> enter_working_directory(Child& child);
Result<void> find_program(Child& child);

/// The kStatus for a program that can't be executed.
int32_t program_status(const Error& error);
/// Why `program`, as the bundle names it, can't be executed, in the words callers look for.
Error program_error(const std::string& program, const Error& error);

}  // namespace wolffia::launch
