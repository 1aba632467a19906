// SPDX-License-Identifier: Apache-2.0
#include "cgroup/place.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/words.hpp"
#include "cgroup/group.hpp"
#include "sys/file.hpp"

namespace wolffia::cgroup {
namespace {

std::vector<std::string> words_of(const Group& group, const std::string& file) {
  const auto text = group.read(file);
  std::vector<std::string> words;
  if (!text) return words;
  for (Words all(*text); !all.empty();)
    words.emplace_back(all.next());
  return words;
}

bool counts_swap(const Group& group) {
  return bool(group.read("memory.swap.max"));
}

/// Source: systemd's "Control Group APIs and Delegation", org.freedesktop.systemd1(5).
Place place_of_systemd(const Hierarchy& hierarchy, uid_t uid, const std::string& runtime) {
  const std::string slice = cat("/user.slice/user-", uid, ".slice/");
  if (!hierarchy.own.starts_with(slice) || runtime.empty()) return {};
  const bool answers = sys::stat_at(sys::cwd(), cat(runtime, "/bus").c_str()) ||
                       sys::stat_at(sys::cwd(), cat(runtime, "/systemd/private").c_str());
  const auto manager = Group::open(hierarchy, cat(slice, "user@", uid, ".service"));
  if (!answers || !manager) return {};
  return {Place::Giver::Systemd, words_of(*manager, "cgroup.controllers"), counts_swap(*manager)};
}

/// A process can be moved from the caller's cgroup to one beside it by who may write to that above.
/// Controllers reach that one where they are handed on already, or where no process is in the way.
Place place_beside(const Hierarchy& hierarchy) {
  const std::string above = parent_of(hierarchy.own);
  if (hierarchy.own == "/") return {};
  const std::string shown = hierarchy.shown(above);
  if (!sys::check_access(cat(shown, "/cgroup.procs").c_str(), W_OK) ||
      !sys::check_access(shown.c_str(), W_OK))
    return {};
  const auto group = Group::open(hierarchy, above);
  if (!group) return {};
  const auto inside = group->read("cgroup.procs");
  const bool hands_on = inside && inside->empty() &&
                        sys::check_access(cat(shown, "/cgroup.subtree_control").c_str(), W_OK);
  return {Place::Giver::Cgroupfs,
          words_of(*group, hands_on ? "cgroup.controllers" : "cgroup.subtree_control"),
          counts_swap(*group)};
}

}  // namespace

bool Place::offers(std::string_view controller) const {
  return std::find(controllers.begin(), controllers.end(), controller) != controllers.end();
}

Place find_place(uid_t uid, const std::string& runtime_directory) {
  const auto hierarchy = Hierarchy::find();
  if (!hierarchy) return {};
  Place place = place_of_systemd(*hierarchy, uid, runtime_directory);
  return place.giver == Place::Giver::Nobody ? place_beside(*hierarchy) : place;
}

}  // namespace wolffia::cgroup
