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

constexpr std::string_view kDev = "/dev";

/// A mount of its own starts with these attributes; the words that clear are its defaults.
uint64_t initial_attributes(const MountStep& step) {
  const uint64_t all = (step.set & ~step.rec_clear) | step.rec_set;
  // Our own /dev is furnished first: seal_dev().
  return step.target == kDev ? all & ~uint64_t{MOUNT_ATTR_RDONLY} : all;
}

bool has_option(const MountStep& step, std::string_view key) {
  return std::any_of(step.data.begin(), step.data.end(),
                     [&](const std::string& option) { return option.starts_with(key); });
}

/// A tmpfs without a mode takes that of the directory it covers, but /dev/shm, which is everyone's
/// by definition. Source: runc, and reference behaviour of crun.
bool takes_mode(const MountStep& step) {
  return step.type == "tmpfs" && step.target != "/dev/shm" && !has_option(step, "mode=");
}

Result<std::vector<std::string>> with_mode_of(const sys::Fd& target, const MountStep& step) {
  std::vector<std::string> options = step.data;
  const struct stat status = TRY(sys::stat_fd(target));
  std::array<char, 16> mode{};
  const auto end =
      std::to_chars(mode.data(), mode.data() + mode.size(), status.st_mode & 07777U, 8);
  options.push_back(cat("mode=", std::string_view(mode.data(), end.ptr)));
  return options;
}

FilesystemRequest request_of(const MountStep& step, std::span<const std::string> options) {
  return {.type = step.type.c_str(),
          .source = step.source.empty() ? nullptr : step.source.c_str(),
          .options = options,
          .attributes = initial_attributes(step)};
}

Result<sys::MountTree> make_filesystem(Rootfs& rootfs, const MountStep& step,
                                       std::span<const std::string> options) {
  auto tree = rootfs.trees.make(request_of(step, options));
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

constexpr const char* kHostCgroup = "/sys/fs/cgroup";

Result<bool> host_has_cgroup2() {
  const auto host = sys::open_root(kHostCgroup);
  return host && TRY(sys::filesystem_type(*host)) == CGROUP2_SUPER_MAGIC;
}

/// Only a cgroup namespace of our own on a unified hierarchy shows nothing but what is the
/// container's. Anything else is the host's, and read-only (CVE-2023-25809); so is the caller's
/// cgroup, where the container has none of its own.
Result<sys::MountTree> make_cgroup(Rootfs& rootfs, const MountStep& step) {
  uint64_t attributes = initial_attributes(step);
  if (!rootfs.own_cgroup && (attributes & MOUNT_ATTR_RDONLY) == 0) {
    attributes |= MOUNT_ATTR_RDONLY;
    rootfs.notices.push_back(
        cat(name_of(step), ": is read-only, as the container has no cgroup of its own"));
  }
  if (rootfs.plan.creates(oci::NamespaceType::Cgroup) && TRY(host_has_cgroup2())) {
    auto own = rootfs.trees.make({.type = "cgroup2", .source = "cgroup", .attributes = attributes});
    if (own) return own;
  }
  const uint64_t set = (attributes & ~uint64_t{MOUNT_ATTR__ATIME}) | MOUNT_ATTR_RDONLY;
  auto cloned = rootfs.trees.clone(kHostCgroup, sys::Recurse::Yes, sys::Follow::Yes, {.set = set});
  if (!cloned && cloned.error().is(ENOENT))  // none on this machine: nothing to show
    return rootfs.trees.make({.type = "tmpfs", .attributes = attributes | MOUNT_ATTR_RDONLY});
  sys::MountTree tree = TRY(std::move(cloned), kHostCgroup);
  if ((initial_attributes(step) & MOUNT_ATTR_RDONLY) == 0 && rootfs.own_cgroup)
    rootfs.notices.push_back(cat(name_of(step), ": is the host's ", kHostCgroup, ", read-only"));
  return tree;
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

/// True for the tmpfs that will be /dev when all is mounted: it is ours to furnish.
bool is_own_dev(const plan::Plan& plan, const MountStep& step) {
  if (step.target != "/dev" || step.type != "tmpfs") return false;
  return std::none_of(&step + 1, plan.mounts.data() + plan.mounts.size(),
                      [](const MountStep& later) {
                        return later.target == "/dev" && later.kind != MountKind::Remount;
                      });
}

/// Makes the file system detached, fills it, and attaches it as the last step.
Result<void> attach_detached(Rootfs& rootfs, const MountStep& step, sys::InRoot target,
                             std::span<const std::string> options) {
  sys::MountTree tree =
      TRY(step.kind == MountKind::Cgroup ? make_cgroup(rootfs, step)
                                         : make_or_bind_host(rootfs, step, options));
  const bool own_dev = is_own_dev(rootfs.plan, step);
  if (step.copy_up) TRY(copy_up(target, tree), "tmpcopyup");
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
  rootfs.dev_is_bare = !step.copy_up;
  return attach_devices(rootfs);
}

/// True for what nobody looks at again once it is mounted: most file systems of most bundles.
bool is_plain(const Rootfs& rootfs, const MountStep& step) {
  return step.kind != MountKind::Cgroup && !step.copy_up && step.propagation == 0 &&
         rootfs.layer != Layer::Mirror && !is_own_dev(rootfs.plan, step);
}

/// True if it could be mounted by name in our /dev, where nothing is but what we have made.
bool mounted_in_own_dev(Rootfs& rootfs, const MountStep& step) {
  constexpr std::string_view kBelow = "/dev/";
  if (!rootfs.dev || !rootfs.dev_is_bare || takes_mode(step)) return false;
  if (!step.target.starts_with(kBelow)) return false;
  const char* name = step.target.c_str() + kBelow.size();
  return std::string_view(name).find('/') == std::string_view::npos && !is_dev_link(name) &&
         rootfs.trees.make_at(request_of(step, step.data), rootfs.dev, name);
}

}  // namespace

Result<void> seal_dev(Rootfs& rootfs) {
  if (!rootfs.dev) return {};
  const auto is_readonly = [](const MountStep& step) {
    return step.target == kDev && step.kind == MountKind::Filesystem &&
           ((step.set | step.rec_set) & MOUNT_ATTR_RDONLY) != 0;
  };
  if (std::none_of(rootfs.plan.mounts.begin(), rootfs.plan.mounts.end(), is_readonly)) return {};
  return rootfs.trees.change(rootfs.dev, {.set = MOUNT_ATTR_RDONLY}, sys::Recurse::No);
}

Result<void> attach_filesystem(Rootfs& rootfs, const MountStep& step) {
  const bool plain = is_plain(rootfs, step);
  if (plain && mounted_in_own_dev(rootfs, step)) return {};
  bool existed = false;
  sys::InRoot target = TRY(open_directory_target(rootfs, step, existed));
  std::vector<std::string> options =
      existed && takes_mode(step) ? TRY(with_mode_of(target, step)) : step.data;
  if (plain && rootfs.trees.make_at(request_of(step, options), target, ".")) {
    rootfs.trees.done_with(std::move(target));
    return {};
  }
  return attach_detached(rootfs, step, std::move(target), options);
}

}  // namespace wolffia::launch
