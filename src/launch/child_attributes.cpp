// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>

#include <array>
#include <string_view>

#include "launch/rootfs_parts.hpp"

namespace wolffia::launch {
namespace {

/// What keeps a tree harmless. Asked for on a recursive bind mount, it holds for all of it (I16,
/// CVE-2023-25809), as the submounts of the source are no less of the host.
constexpr uint64_t kRestrictions = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                   MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW;

/// How access times are kept: locked as a whole, whatever it is.
constexpr uint64_t kAtime = MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME;

struct Clearable {
  uint64_t attribute;
  std::string_view name;
};
constexpr std::array kClearable{
    Clearable{MOUNT_ATTR_RDONLY, "ro"},
    Clearable{MOUNT_ATTR_NOSUID, "nosuid"},
    Clearable{MOUNT_ATTR_NODEV, "nodev"},
    Clearable{MOUNT_ATTR_NOEXEC, "noexec"},
    Clearable{MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow"},
    Clearable{kAtime, "the atime mode"},
};

/// Takes away the attributes of `change.clear`, and changes the atime mode, one by one; returns the
/// names of those that are locked.
Result<std::string> clear_unlocked(Trees& trees, const sys::Fd& tree,
                                   const sys::AttributeChange& change, sys::Recurse recurse) {
  std::string kept;
  for (const Clearable& row : kClearable) {
    const sys::AttributeChange one{.set = change.set & row.attribute & kAtime,
                                   .clear = change.clear & row.attribute};
    if (one.empty()) continue;
    auto cleared = trees.change(tree, one, recurse);
    if (cleared) continue;
    if (!cleared.error().is(EPERM)) return std::move(cleared).error();
    kept += kept.empty() ? std::string(row.name) : cat(", ", row.name);
    // One submount may have held up the others; the mount itself matters most.
    if (recurse == sys::Recurse::Yes) (void)trees.change(tree, one, sys::Recurse::No);
  }
  return kept;
}

/// As Trees::change(), but what a more privileged user has locked stays, with a notice
/// (mount_namespaces(7)). What is to be set must be, all the same.
Result<void> change_unlocked(Rootfs& rootfs, const plan::MountStep& step, const sys::Fd& tree,
                             const sys::AttributeChange& change, sys::Recurse recurse) {
  if (change.empty()) return {};
  auto changed = rootfs.trees.change(tree, change, recurse);
  const bool may_be_locked = change.clear != 0 || (change.set & kAtime) != 0;
  if (changed || !changed.error().is(EPERM) || !may_be_locked) return changed;
  const sys::AttributeChange certain{.set = change.set & ~kAtime,
                                     .propagation = change.propagation};
  if (!certain.empty()) TRY(rootfs.trees.change(tree, certain, recurse));
  const std::string kept = TRY(clear_unlocked(rootfs.trees, tree, change, recurse));
  if (!kept.empty()) {
    rootfs.notices.push_back(
        cat(name_of(step), ": keeps ", kept, " of its source, locked outside this user namespace"));
  }
  return {};
}

/// What a step asks for of the mount itself, and of all of the tree.
struct Changes {
  sys::AttributeChange top, all;
};

Changes changes_of(const plan::MountStep& step) {
  Changes changes{.top = {.set = step.set, .clear = step.clear},
                  .all = {.set = step.rec_set, .clear = step.rec_clear}};
  auto& [top, all] = changes;
  (step.rec_propagation ? all : top).propagation = step.propagation;
  if (step.recursive) {
    all.set |= top.set & kRestrictions;
    top.set &= ~kRestrictions;
  } else {  // there is nothing below: one call does
    top = {
        .set = top.set | all.set, .clear = top.clear | all.clear, .propagation = step.propagation};
    all = {};
  }
  return changes;
}

}  // namespace

Result<void> apply_attributes(Rootfs& rootfs, const plan::MountStep& step, const sys::Fd& tree) {
  const Changes changes = changes_of(step);
  TRY(change_unlocked(rootfs, step, tree, changes.all, sys::Recurse::Yes));
  return change_unlocked(rootfs, step, tree, changes.top, sys::Recurse::No);
}

Result<sys::MountTree> clone_source(Rootfs& rootfs, const plan::MountStep& step) {
  if (step.id_map) {
    sys::MountTree tree = TRY(take_mapped(*rootfs.mapped, step));
    TRY(apply_attributes(rootfs, step, tree));
    return tree;
  }
  const char* path = step.source.c_str();
  const auto recurse = step.recursive ? sys::Recurse::Yes : sys::Recurse::No;
  const auto follow = step.source_nofollow ? sys::Follow::No : sys::Follow::Yes;
  const auto [top, all] = changes_of(step);
  if (!step.recursive || top.empty()) {  // one call does it, if nothing stands against any of it
    auto tree = rootfs.trees.clone(path, recurse, follow, step.recursive ? all : top);
    if (tree) return tree;
  }
  auto cloned = rootfs.trees.clone(path, recurse, follow);
  if (!cloned && cloned.error().is(EINVAL) && !step.recursive) {
    // In a user namespace nothing may be uncovered that lies below the host's mounts. With them,
    // what was asked of the mount is asked of all of it (I16).
    plan::MountStep whole = step;
    whole.recursive = true;
    sys::MountTree tree = TRY(clone_source(rootfs, whole));
    rootfs.notices.push_back(cat(name_of(step), ": comes with the mounts below ", step.source,
                                 ", which a user namespace can't leave out"));
    return tree;
  }
  sys::MountTree tree = TRY(std::move(cloned), "source ", step.source);
  TRY(apply_attributes(rootfs, step, tree));
  return tree;
}

}  // namespace wolffia::launch
