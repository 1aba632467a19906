// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>

#include "launch/fallback.hpp"
#include "launch/mount_table.hpp"
#include "launch/rootfs_parts.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

constexpr ino_t kProcRootInode = 1;  // PROC_ROOT_INO; a directory bound over /proc has another

bool stays_slave(const plan::RootPlan& root) {
  return root.propagation == MS_SLAVE || root.propagation == MS_SHARED;
}

/// With chroot(2) the host's tree stays reachable by whoever breaks out of it: take away the proc
/// and sysfs that the kernel would let a container's process see or copy. As runc's msMoveRoot.
Result<void> hide_host_instances(Rootfs& rootfs) {
  // By number, not by path: root.path may lead through links that this list does not show.
  for (const sys::MountInfo& mount : TRY(mounts_outside(rootfs.host_proc, rootfs.root))) {
    if (mount.type != "proc" && mount.type != "sysfs") continue;
    if (sys::detach_by_path(rootfs.host_proc, mount.point.c_str())) continue;
    // A locked mount can't be detached, but covered; one that no path reaches is covered already,
    // and a single file is no whole instance.
    auto point = sys::open_root(mount.point.c_str());
    if (!point && (point.error().is(ENOENT) || point.error().is(ENOTDIR))) continue;
    if (!point) return std::move(point).error().context(mount.point);
    const sys::MountTree empty =
        TRY(rootfs.trees.make({.type = "tmpfs", .attributes = MOUNT_ATTR_RDONLY}));
    TRY(rootfs.trees.attach(empty, *point), mount.point);
  }
  return {};
}

/// --no-pivot, for roots that pivot_root(2) refuses, as the initial ramfs.
Result<void> move_over_root(Rootfs& rootfs) {
  const sys::InRoot slash = TRY(sys::open_root("/"));
  sys::MountTree tree(rootfs.root.release());
  auto moved = rootfs.trees.attach(tree, slash);
  rootfs.root = sys::root_of(std::move(tree));
  TRY(std::move(moved), "moving the root file system");
  return sys::change_root(rootfs.root);
}

}  // namespace

Result<sys::Fd> open_host_proc() {
  sys::Fd proc = TRY(sys::open_at(sys::cwd(), "/proc", O_PATH | O_DIRECTORY));
  const uint64_t type = TRY(sys::filesystem_type(proc), "/proc");
  const struct stat status = TRY(sys::stat_fd(proc), "/proc");
  if (type == PROC_SUPER_MAGIC && status.st_ino == kProcRootInode) return proc;
  return Error::because(EINVAL, "/proc of this machine is not a procfs: mount one there");
}

Result<void> isolate_mounts(const plan::RootPlan& root) {
  // A slave still hears of what the host mounts later, as a bind mount of /media should; it never
  // tells the host anything. "shared" as rootfsPropagation is among the container's own mounts.
  const bool deaf = root.propagation == MS_PRIVATE || root.propagation == MS_UNBINDABLE;
  const uint64_t propagation = deaf ? MS_PRIVATE : MS_SLAVE;
  if (usable(NewCall::MountSetattr)) {
    auto changed = sys::change_all_attributes({.propagation = propagation});
    if (changed || !lacks(NewCall::MountSetattr, changed.error())) return changed;
  }
  return sys::change_propagation("/", propagation | MS_REC);
}

Result<void> attach_bare_root(Rootfs& rootfs) {
  const plan::RootPlan& root = rootfs.plan.root;
  sys::AttributeChange all, top;
  if (!stays_slave(root)) top.propagation = MS_PRIVATE;
  if (root.readonly) {
    // What the host has mounted inside is read-only from here on; the root itself follows in
    // seal_paths(), as createContainer hooks may still write to it.
    all.set = top.clear = MOUNT_ATTR_RDONLY;
  }
  sys::MountTree tree = TRY(rootfs.trees.clone(rootfs.source, sys::Recurse::Yes, all));
  if (!top.empty()) {
    auto changed = rootfs.trees.change(tree, top, sys::Recurse::No);
    if (!changed && changed.error().is(EPERM)) {  // read-only outside and locked: then it is now
      top.clear = 0;
      changed = rootfs.trees.change(tree, top, sys::Recurse::No);
    }
    TRY(std::move(changed));
  }
  TRY(rootfs.trees.attach(tree, rootfs.source));
  rootfs.root = sys::root_of(std::move(tree));
  return {};
}

Result<void> attach_root(Rootfs& rootfs) {
  const plan::RootPlan& root = rootfs.plan.root;
  rootfs.source = TRY(sys::open_root(root.path.c_str()), "root.path ", root.path);
  TRY(attach_bare_root(rootfs), "root.path ", root.path);
  if (root.cover == plan::Cover::Always) TRY(cover_root(rootfs), "root.path ", root.path);
  return {};
}

Result<void> enter_root(Rootfs& rootfs) {
  const plan::RootPlan& root = rootfs.plan.root;
  if (!root.pivot) TRY(hide_host_instances(rootfs), "hiding the host's /proc and /sys");
  TRY(rootfs.trees.stage().clear());
  if (root.pivot) {
    TRY(sys::pivot_into(rootfs.root), "entering the root file system (--no-pivot may help)");
  } else {
    TRY(move_over_root(rootfs));
  }
  if (root.propagation == 0) return {};
  const uint64_t recursive = root.rec_propagation ? MS_REC : 0;
  return sys::change_propagation("/", root.propagation | recursive);
}

}  // namespace wolffia::launch
