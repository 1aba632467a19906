// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "launch/mapped_trees.hpp"
#include "launch/trees.hpp"
#include "plan/plan.hpp"
#include "sys/fd.hpp"
#include "sys/path.hpp"

/// The root file system as the new process builds it, from inside its own mount namespace and
/// before pivot_root. Called by child.cpp in this order; each step is fatal. Everything inside the
/// root goes by descriptor (I1); nothing here runs in the caller's namespaces.
/// Precondition: capabilities over the mount namespace; umask 0, as modes are meant as written.
namespace wolffia::launch {

/// What lies above the root file system to take mount points that it lacks.
enum class Layer : uint8_t {
  None,
  Overlay,  // one overlay above all of it
  Mirror,   // tmpfs above single directories, their entries bound into it again
};

/// The new root while it is being built. Stays where it is: `trees` knows its neighbour.
struct Rootfs {
  const plan::Plan& plan;
  sys::Fd host_proc;                 // the host's /proc, verified by open_host_proc()
  sys::InRoot root;                  // the root of the container's mount
  std::vector<std::string> notices;  // what was kept or left out, for a person
  bool own_cgroup = false;           // the processes are in a cgroup that is the container's alone

  std::vector<MappedTree>* mapped = nullptr;  // what map_trees() made

  // The rest is the builder's own.
  Trees trees{host_proc};
  sys::InRoot source{};      // root.path as it was opened, below all that is mounted on it
  sys::MountTree dev{};      // a tmpfs of ours on /dev, once attached
  bool dev_is_bare = false;  // `dev` was empty before we furnished it
  sys::Fd null{};            // the host's /dev/null, proven; what files are masked with
  uint64_t root_mount = 0;   // number of the root's mount, once asked for
  Layer layer = Layer::None;
  bool wants_layer = false;               // a mount point is missing where nothing may be created
  std::vector<sys::MountTree> mirrors{};  // read-only together with the root
  std::vector<uint64_t> own_mounts{};     // with Layer::Mirror: mounts that may be written
};

/// Opens /proc and proves that it is procfs and its root (I2). Before any container path.
Result<sys::Fd> open_host_proc();

/// Cuts propagation to the host: nothing mounted from here on leaves the namespace.
Result<void> isolate_mounts(const plan::RootPlan& root);

/// Clones the root file system's tree over its own path and covers it where the plan says so.
Result<void> attach_root(Rootfs& rootfs);

/// Carries out the plan's mounts in their order; /dev gets its nodes and links here.
Result<void> attach_mounts(Rootfs& rootfs);

/// Binds the pty slave `tty`, opened in this mount namespace, over /dev/console, which it creates
/// in /dev (I6, never followed). Errors: ENOTTY when `tty` is no pty.
Result<void> attach_console(Rootfs& rootfs, const sys::Fd& tty);

/// Masked and read-only paths; read-only root.
Result<void> seal_paths(Rootfs& rootfs);

/// Makes the root "/": pivot_root, or with --no-pivot a move; detaches the host's tree and applies
/// rootfsPropagation. Afterwards cwd is "/".
Result<void> enter_root(Rootfs& rootfs);

}  // namespace wolffia::launch
