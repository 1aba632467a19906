// SPDX-License-Identifier: Apache-2.0
#include "launch/mapped_trees.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "launch/id_map.hpp"
#include "launch/starter.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace wolffia::launch {
namespace {

/// A user namespace with these maps. It needs a process only until it is open.
Result<sys::Fd> open_user_namespace(const plan::MountIdMap& map) {
  const sys::Cloned holder = TRY(clone_into(CLONE_NEWUSER));
  if (holder.pid == 0) {
    (void)sys::die_with_parent(SIGKILL);
    for (;;)
      ::pause();
  }
  auto space = [&]() -> Result<sys::Fd> {
    TRY(write_maps_for_mount(holder.pid, map));
    const std::string path = cat("/proc/", holder.pid, "/ns/user");
    return sys::open_at(sys::cwd(), path.c_str(), O_RDONLY);
  }();
  (void)sys::send_signal(holder.pidfd, SIGKILL);
  TRY(sys::wait_for(holder.pidfd));
  return space;
}

Error explain(Error error) {
  if (error.is(EPERM))
    return Error::because(EPERM, "only who may mount its file system may, and you may not");
  if (error.is(EINVAL))
    return Error::because(EINVAL,
                          "its file system, or one mounted below it, has no mounts with other ids");
  return error;
}

Result<sys::MountTree> map_tree(const plan::MountStep& step) {
  const auto recurse = step.recursive ? sys::Recurse::Yes : sys::Recurse::No;
  const auto follow = step.source_nofollow ? sys::Follow::No : sys::Follow::Yes;
  auto cloned = sys::clone_tree(step.source.c_str(), recurse, follow);
  if (!cloned) return explain(std::move(cloned).error());
  const sys::Fd space = TRY(open_user_namespace(*step.id_map));
  auto mapped =
      sys::map_ids(*cloned, space, step.id_map->recursive ? sys::Recurse::Yes : sys::Recurse::No);
  if (!mapped) return explain(std::move(mapped).error());
  return cloned;
}

}  // namespace

Result<std::vector<MappedTree>> map_trees(const plan::Plan& plan) {
  std::vector<MappedTree> trees;
  const int tries = plan.root.cover == plan::Cover::IfMissing ? 2 : 1;
  for (const plan::MountStep& step : plan.mounts)
    for (int i = 0; step.id_map && i < tries; ++i)
      trees.push_back({step.index, TRY(map_tree(step), "mounts[", step.index, "] on ", step.target,
                                       ": map the ids of ", step.source)});
  return trees;
}

Result<sys::MountTree> take_mapped(std::vector<MappedTree>& trees, const plan::MountStep& step) {
  const auto found = std::ranges::find(trees, step.index, &MappedTree::index);
  if (found == trees.end()) return Error::because(ENOENT, "the ids of its source are not mapped");
  sys::MountTree tree = std::move(found->tree);
  trees.erase(found);
  return tree;
}

}  // namespace wolffia::launch
