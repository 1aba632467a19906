// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plan/plan.hpp"
#include "sys/fd.hpp"

/// The root file system as the new process builds it, from inside its own mount namespace and
/// before pivot_root. Called by child.cpp in this order; each step is fatal. Everything inside the
/// root goes by descriptor (I1); nothing here runs in the caller's namespaces.
namespace wolffia::launch {

/// The new root while it is being built.
struct Rootfs {
  const plan::Plan& plan;
  sys::Fd host_proc;                 // the host's /proc, verified by open_host_proc()
  sys::InRoot root;                  // the root of the container's mount
  std::vector<std::string> notices;  // what was kept or left out, for a person
};

/// Opens /proc and proves that it is procfs and its root (I2). Before any container path.
Result<sys::Fd> open_host_proc();

/// Cuts propagation to the host: nothing mounted from here on leaves the namespace.
Result<void> isolate_mounts(const plan::RootPlan& root);

/// Clones the root file system's tree over its own path and covers it where the plan says so.
Result<void> attach_root(Rootfs& rootfs);

/// Carries out the plan's mounts in their order; /dev gets its nodes and links here.
Result<void> attach_mounts(Rootfs& rootfs);

/// Binds the pty slave `tty` over /dev/console, which it creates in /dev (I6, never followed).
Result<void> attach_console(Rootfs& rootfs, const sys::Fd& tty);

/// Masked and read-only paths; read-only root.
Result<void> seal_paths(Rootfs& rootfs);

/// Makes the root "/": pivot_root, or with --no-pivot a move; detaches the host's tree and applies
/// rootfsPropagation. Afterwards cwd is "/".
Result<void> enter_root(Rootfs& rootfs);

}  // namespace wolffia::launch
