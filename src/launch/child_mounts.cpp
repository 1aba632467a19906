// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/quote.hpp"
#include "launch/fallback.hpp"
#include "launch/mount_table.hpp"
#include "launch/rootfs_parts.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

using plan::MountKind;
using plan::MountStep;

/// File systems that belong to a namespace: where ours is not owned by our user namespace, the
/// kernel refuses a new instance with EPERM and the host's is bound in its place.
struct HostInstance {
  std::string_view type;
  const char* path;
  const char* reason;
};
constexpr std::array kHostInstances{
    HostInstance{"proc", "/proc", "no pid namespace of its own, or a masked /proc around us"},
    HostInstance{"sysfs", "/sys", "no network namespace of its own, or a masked /sys around us"},
    HostInstance{"mqueue", "/dev/mqueue", "no ipc namespace of its own"},
};

const HostInstance* find_host_instance(std::string_view type) {
  const auto* row = std::find_if(kHostInstances.begin(), kHostInstances.end(),
                                 [&](const HostInstance& known) { return known.type == type; });
  return row == kHostInstances.end() ? nullptr : row;
}

/// A mount of its own starts with these attributes; the words that clear are its defaults.
uint64_t initial_attributes(const MountStep& step) {
  return (step.set & ~step.rec_clear) | step.rec_set;
}

bool has_option(const MountStep& step, std::string_view key) {
  return std::any_of(step.data.begin(), step.data.end(),
                     [&](const std::string& option) { return option.starts_with(key); });
}

/// A tmpfs without a mode takes that of the directory it covers, but /dev/shm, which is everyone's
/// by definition. Source: runc, and reference behaviour of crun.
Result<std::vector<std::string>> tmpfs_options(const MountStep& step, const sys::Fd& target) {
  std::vector<std::string> options = step.data;
  const struct stat status = TRY(sys::stat_fd(target));
  std::array<char, 16> mode{};
  const auto end =
      std::to_chars(mode.data(), mode.data() + mode.size(), status.st_mode & 07777U, 8);
  options.push_back(cat("mode=", std::string_view(mode.data(), end.ptr)));
  return options;
}

Result<sys::MountTree> make_filesystem(Rootfs& rootfs, const MountStep& step,
                                       std::span<const std::string> options) {
  const char* source = step.source.empty() ? nullptr : step.source.c_str();
  auto tree = rootfs.trees.make({.type = step.type.c_str(),
                                 .source = source,
                                 .options = options,
                                 .attributes = initial_attributes(step)});
  if (!tree && tree.error().is(ENODEV))
    return Error::because(ENODEV, cat("this kernel has no file system ", quoted(step.type)));
  if (tree || !tree.error().is(EINVAL) || step.type != "devpts" || !has_option(step, "gid="))
    return tree;
  // The group of terminals, usually 5, is not mapped: then they keep that of who opens them.
  std::vector<std::string> without(options.begin(), options.end());
  std::erase_if(without, [](const std::string& option) { return option.starts_with("gid="); });
  return make_filesystem(rootfs, step, without);
}

/// The host's instance with all attributes on all of it (I16).
Result<sys::MountTree> bind_host_instance(Rootfs& rootfs, const MountStep& step,
                                          const HostInstance& host) {
  sys::MountTree tree =
      step.kind == MountKind::Proc
          ? TRY(rootfs.trees.clone(rootfs.host_proc, sys::Recurse::Yes))
          : TRY(rootfs.trees.clone(host.path, sys::Recurse::Yes, sys::Follow::No), host.path);
  const sys::AttributeChange change{.set = initial_attributes(step) & ~uint64_t{MOUNT_ATTR__ATIME}};
  if (change.set != 0) TRY(rootfs.trees.change(tree, change, sys::Recurse::Yes));
  rootfs.notices.push_back(
      cat(name_of(step), ": is the host's ", host.path, " (", host.reason, ")"));
  return tree;
}

Result<sys::MountTree> make_or_bind_host(Rootfs& rootfs, const MountStep& step,
                                         std::span<const std::string> options) {
  auto tree = make_filesystem(rootfs, step, options);
  if (tree || !tree.error().is(EPERM)) return tree;
  const HostInstance* host = find_host_instance(step.type);
  if (!host) return tree;
  return bind_host_instance(rootfs, step, *host);
}

/// Only a cgroup namespace of our own on a unified hierarchy shows nothing but what is the
/// container's. Anything else is the host's, and read-only (CVE-2023-25809).
Result<sys::MountTree> make_cgroup(Rootfs& rootfs, const MountStep& step) {
  constexpr const char* kHostCgroup = "/sys/fs/cgroup";
  const uint64_t attributes = initial_attributes(step);
  auto host = sys::open_root(kHostCgroup);
  if (!host) {  // none on this machine: nothing to show
    return rootfs.trees.make({.type = "tmpfs", .attributes = attributes | MOUNT_ATTR_RDONLY});
  }
  if (rootfs.plan.creates(oci::NamespaceType::Cgroup) &&
      TRY(sys::filesystem_type(*host)) == CGROUP2_SUPER_MAGIC) {
    auto own = rootfs.trees.make({.type = "cgroup2", .source = "cgroup", .attributes = attributes});
    if (own) return own;
  }
  sys::MountTree tree = TRY(rootfs.trees.clone(*host, sys::Recurse::Yes), kHostCgroup);
  rootfs.trees.done_with(std::move(*host));
  const uint64_t set = (attributes & ~uint64_t{MOUNT_ATTR__ATIME}) | MOUNT_ATTR_RDONLY;
  TRY(rootfs.trees.change(tree, {.set = set}, sys::Recurse::Yes));
  if ((attributes & MOUNT_ATTR_RDONLY) == 0)
    rootfs.notices.push_back(cat(name_of(step), ": is the host's ", kHostCgroup, ", read-only"));
  return tree;
}

/// Attaches, with a sentence for the mistake that is made most.
Result<void> attach(Rootfs& rootfs, const sys::MountTree& tree, const sys::Fd& target) {
  auto attached = rootfs.trees.attach(tree, target);
  if (attached) return {};
  const struct stat source = TRY(sys::stat_fd(tree));
  const struct stat point = TRY(sys::stat_fd(target));
  if (S_ISDIR(source.st_mode) == S_ISDIR(point.st_mode)) return attached;
  if (S_ISDIR(source.st_mode))
    return Error::because(ENOTDIR, "the source is a directory, the mount point is not");
  return Error::because(EISDIR, "the source is a file, the mount point is a directory");
}

/// With Layer::Mirror, mount points may be made in what the bundle mounts itself.
Result<void> note_own(Rootfs& rootfs, const sys::Fd& tree) {
  if (rootfs.layer != Layer::Mirror) return {};
  rootfs.own_mounts.push_back(TRY(mount_id_of(rootfs.host_proc, tree)));
  return {};
}

/// Clones the source with the step's attributes on it.
Result<sys::MountTree> clone_source(Rootfs& rootfs, const MountStep& step) {
  const auto recurse = step.recursive ? sys::Recurse::Yes : sys::Recurse::No;
  const auto follow = step.source_nofollow ? sys::Follow::No : sys::Follow::Yes;
  auto cloned = rootfs.trees.clone(step.source.c_str(), recurse, follow);
  if (!cloned && cloned.error().is(EINVAL) && !step.recursive) {
    // In a user namespace nothing may be uncovered that lies below the host's mounts. With them,
    // what was asked of the mount is asked of all of it (I16).
    MountStep whole = step;
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

Result<void> attach_bind(Rootfs& rootfs, const MountStep& step) {
  sys::MountTree tree = TRY(clone_source(rootfs, step));
  const int flags = O_PATH | (step.target_nofollow ? O_NOFOLLOW : 0);
  auto target = open_inside(rootfs.root, step.target.c_str(), flags);
  if (!target && target.error().is(ENOENT)) {
    const struct stat status = TRY(sys::stat_fd(tree));
    const Want want = S_ISDIR(status.st_mode) ? Want::Directory : Want::File;
    target = make_target(rootfs, step.target, want);
  }
  sys::InRoot point = TRY(std::move(target));
  TRY(attach(rootfs, tree, point));
  TRY(note_own(rootfs, tree));
  rootfs.trees.done_with(std::move(point));
  rootfs.trees.done_with(std::move(tree));
  return {};
}

/// A symbolic link where /proc or /sys belongs would have us mount them elsewhere and leave the
/// container with a fake (CVE-2019-19921): those two are not followed.
int target_flags(const MountStep& step) {
  const bool strict = step.kind == MountKind::Proc || step.kind == MountKind::Sysfs;
  return O_DIRECTORY | (strict || step.target_nofollow ? O_NOFOLLOW : 0);
}

Result<sys::InRoot> open_directory_target(Rootfs& rootfs, const MountStep& step, bool& existed) {
  auto target = open_inside(rootfs.root, step.target.c_str(), O_PATH | target_flags(step));
  existed = bool(target);
  if (target) return target;
  if (target.error().is(ENOENT)) return make_target(rootfs, step.target, Want::Directory);
  if (!target.error().is(ENOTDIR)) return target;
  return Error::because(ENOTDIR, (target_flags(step) & O_NOFOLLOW) != 0
                                     ? "the root file system has something else than a directory "
                                       "there, perhaps a symbolic link"
                                     : "the root file system has no directory there");
}

Result<sys::MountTree> make_tree(Rootfs& rootfs, const MountStep& step, const sys::Fd& target,
                                 bool existed) {
  if (step.kind == MountKind::Cgroup) return make_cgroup(rootfs, step);
  const bool takes_mode =
      step.type == "tmpfs" && existed && step.target != "/dev/shm" && !has_option(step, "mode=");
  if (!takes_mode) return make_or_bind_host(rootfs, step, step.data);
  const std::vector<std::string> options = TRY(tmpfs_options(step, target));
  return make_filesystem(rootfs, step, options);
}

/// True for the tmpfs that will be /dev when all is mounted: it is ours to furnish.
bool is_own_dev(const plan::Plan& plan, const MountStep& step) {
  if (step.target != "/dev" || step.type != "tmpfs") return false;
  return std::none_of(&step + 1, plan.mounts.data() + plan.mounts.size(),
                      [](const MountStep& later) {
                        return later.target == "/dev" && later.kind != MountKind::Remount;
                      });
}

Result<void> attach_filesystem(Rootfs& rootfs, const MountStep& step) {
  bool existed = false;
  sys::InRoot target = TRY(open_directory_target(rootfs, step, existed));
  sys::MountTree tree = TRY(make_tree(rootfs, step, target, existed));
  const bool own_dev = is_own_dev(rootfs.plan, step);
  if (step.copy_up && existed) TRY(copy_up(target, tree), "tmpcopyup");
  if (own_dev) TRY(furnish_dev(rootfs, tree));
  TRY(rootfs.trees.attach(tree, target));
  TRY(note_own(rootfs, tree));
  if (step.propagation != 0) {
    const auto recurse = step.rec_propagation ? sys::Recurse::Yes : sys::Recurse::No;
    TRY(rootfs.trees.change(tree, {.propagation = step.propagation}, recurse));
  }
  rootfs.trees.done_with(std::move(target));
  if (!own_dev) {
    rootfs.trees.done_with(std::move(tree));
    return {};
  }
  rootfs.dev = std::move(tree);
  return attach_devices(rootfs);
}

/// "remount": what is mounted at the target gets other attributes.
Result<void> change_mounted(Rootfs& rootfs, const MountStep& step) {
  const int flags = O_PATH | (step.target_nofollow ? O_NOFOLLOW : 0);
  const sys::InRoot target = TRY(open_inside(rootfs.root, step.target.c_str(), flags));
  if (!step.data.empty()) TRY(rootfs.trees.stage().reconfigure(target, step.data));
  return apply_attributes(rootfs, step, target);
}

Result<void> attach_step(Rootfs& rootfs, const MountStep& step) {
  if (step.kind == MountKind::Bind) return attach_bind(rootfs, step);
  if (step.kind == MountKind::Remount) return change_mounted(rootfs, step);
  auto done = attach_filesystem(rootfs, step);
  if (done || step.kind != MountKind::Cgroup || rootfs.wants_layer) return done;
  rootfs.notices.push_back(cat(name_of(step), ": left out: ", done.error().message()));
  return {};
}

Result<void> attach_steps(Rootfs& rootfs) {
  for (const MountStep& step : rootfs.plan.mounts) {
    auto done = attach_step(rootfs, step);
    if (!done) return std::move(done).error().context(name_of(step));
  }
  if (rootfs.dev) return {};
  return fill_root_dev(rootfs);
}

}  // namespace

std::string name_of(const MountStep& step) {
  if (step.index == MountStep::kNoIndex) return cat("mount on ", step.target);
  return cat("mounts[", step.index, "] on ", step.target);
}

Result<void> attach_mounts(Rootfs& rootfs) {
  const size_t told = rootfs.notices.size();
  auto done = attach_steps(rootfs);
  if (done || !rootfs.wants_layer) return done;
  // A mount point is missing in a root that must stay as it is. Rather than looking for all of
  // them beforehand, each start, we begin again above a layer: rare, and the only second try.
  rootfs.notices.resize(told);
  TRY(cover_root(rootfs));
  return attach_steps(rootfs);
}

}  // namespace wolffia::launch
