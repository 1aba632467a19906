// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "launch/fallback.hpp"
#include "launch/mount_table.hpp"
#include "launch/rootfs_parts.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

using plan::MountKind;
using plan::MountStep;

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

/// A symbolic link at the target of the step that says `text`; one that does so already stays.
Result<void> place_link(Rootfs& rootfs, const MountStep& step, const std::string& text) {
  const size_t slash = step.target.rfind('/');
  const std::string name = step.target.substr(slash + 1);
  const std::string above = slash == 0 ? "/" : step.target.substr(0, slash);
  sys::InRoot dir = TRY(open_target(rootfs, above, Want::Directory, O_DIRECTORY));
  const auto there = sys::read_symlink(dir, name.c_str());
  if (there && *there == text) return {};
  if (!there && there.error().is(EINVAL))
    return Error::because(EEXIST, "what is there is no symbolic link, as the source is");
  if (there) return Error::because(EEXIST, "the symbolic link that is there leads elsewhere");
  return make_in(rootfs, dir, [&](const sys::InRoot& at) -> Result<void> {
    return sys::make_symlink(text, at, name.c_str());
  });
}

Result<void> attach_bind(Rootfs& rootfs, const MountStep& step) {
  if (step.copy_symlink)
    if (const auto text = sys::read_symlink(sys::cwd(), step.source.c_str()); text)
      return place_link(rootfs, step, *text);
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

Result<void> note_own(Rootfs& rootfs, const sys::Fd& tree) {
  if (rootfs.layer != Layer::Mirror) return {};
  rootfs.own_mounts.push_back(TRY(mount_id_of(rootfs.host_proc, tree)));
  return {};
}

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
