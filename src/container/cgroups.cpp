// SPDX-License-Identifier: Apache-2.0
#include "container/cgroups.hpp"

#include <unistd.h>

#include "base/quote.hpp"
#include "cgroup/devices.hpp"
#include "container/scope.hpp"
#include "sys/file.hpp"

namespace wolffia::container {
namespace {

using cgroup::Hierarchy;

/// The kernel counts a process as gone from its cgroup a moment after it has told of its end.
constexpr std::chrono::seconds kEndPatience{2};

/// Where the kernel would have us, best first. A path that starts with "/" is meant from the root
/// of the hierarchy; another one below our own cgroup, or beside it where processes in it keep it
/// from handing on controllers.
Result<std::vector<std::string>> candidates(const Hierarchy& hierarchy,
                                            const plan::CgroupPlan& plan, const std::string& id) {
  if (plan.path.starts_with('/')) return std::vector{TRY(cgroup::clean(plan.path))};
  const std::string name = plan.path.empty() ? cat("wolffia-", id) : plan.path;
  std::vector<std::string> paths{TRY(cgroup::clean(cat(hierarchy.own, "/", name)))};
  if (hierarchy.own != "/" && !plan.limits.empty())
    paths.push_back(TRY(cgroup::clean(cat(cgroup::parent_of(hierarchy.own), "/", name))));
  return paths;
}

Result<cgroup::Made> make_one(const Hierarchy& hierarchy, const plan::CgroupPlan& plan,
                              const std::string& id, std::span<const plan::CgroupWrite> limits) {
  std::optional<Error> first;
  for (const std::string& path : TRY(candidates(hierarchy, plan, id))) {
    auto made = cgroup::make(hierarchy, path, limits);
    if (made) return made;
    if (made.error().is(EBUSY)) return made;
    if (!first) first = std::move(made).error();
  }
  return std::move(*first);
}

Result<std::string> cgroup_of(pid_t pid) {
  constexpr size_t kProcLimit = size_t{64} << 10U;
  const std::string file = cat("/proc/", pid, "/cgroup");
  return cgroup::own_path(TRY(sys::read_file(sys::cwd(), file.c_str(), kProcLimit)));
}

/// The scope itself is systemd's to remove; what is made in it is ours.
Result<cgroup::Made> make_in_scope(const Hierarchy& hierarchy, const std::string& path,
                                   const std::string& subgroup, pid_t pid,
                                   std::span<const plan::CgroupWrite> limits) {
  if (!subgroup.empty()) return cgroup::enclose(hierarchy, path, subgroup, pid, limits);
  return cgroup::Made{TRY(cgroup::Group::open(hierarchy, path)), 0};
}

Error explain(const Error& error, const plan::CgroupPlan& plan) {
  const std::string first = plan.limits.empty() ? "devices" : plan.limits.front().field;
  return Error::because(ENOTSUP,
                        cat("linux.resources.", first, " can't be applied: ", error.message(),
                            ". To run without limits, give --cgroup-manager disabled or ",
                            "set the annotation org.wolffia.resources.optional=true"));
}

}  // namespace

CgroupLease::CgroupLease(CgroupLease&& other) noexcept
    : held_(std::exchange(other.held_, std::nullopt)),
      scoped_(other.scoped_),
      notify_(std::move(other.notify_)) {}

CgroupLease& CgroupLease::operator=(CgroupLease&& other) noexcept {
  std::swap(held_, other.held_);
  std::swap(scoped_, other.scoped_);
  std::swap(notify_, other.notify_);
  return *this;
}

CgroupLease::~CgroupLease() {
  if (!held_) return;
  (void)held_->made.group.kill();
  (void)cgroup::unmake(held_->hierarchy, held_->made.group.path(), held_->made.made);
}

Result<CgroupLease> CgroupLease::take(const plan::CgroupPlan& plan, const std::string& id,
                                      const Notify& notify) {
  if (plan.scope) return CgroupLease(plan, notify);
  std::span<const plan::CgroupWrite> limits = plan.limits;
  auto hierarchy = Hierarchy::find();
  auto made =
      hierarchy ? make_one(*hierarchy, plan, id, limits) : Result<cgroup::Made>(hierarchy.error());
  if (!made && made.error().is(EBUSY)) return std::move(made).error().context("linux.cgroupsPath");
  if (!hierarchy && limits.empty() && !plan.devices.empty())
    notify(cat("linux.resources.devices is not applied: ", made.error().message()));
  else if (!made && (!limits.empty() || !plan.devices.empty())) {
    Error error = explain(made.error(), plan);
    if (!plan.optional) return error;
    notify(error.message());
    limits = {};
    if (hierarchy) made = make_one(*hierarchy, plan, id, limits);
  }
  if (!made) return CgroupLease();
  CgroupLease lease(Held{std::move(*hierarchy), std::move(*made)});
  TRY(cgroup::apply(lease.held_->made.group, limits));
  TRY(cgroup::keep_devices(lease.held_->made.group, plan.devices));
  return lease;
}

launch::CgroupTarget CgroupLease::target() {
  if (scoped_) return {.move = [this](pid_t pid) { return place_in_scope(pid); }};
  return {.directory = held_ ? &held_->made.group.directory() : nullptr};
}

Result<void> CgroupLease::place_in_scope(pid_t pid) {
  const plan::ScopePlan& scope = *scoped_->scope;
  TRY(start_scope(scope, pid));
  Hierarchy hierarchy = TRY(Hierarchy::find());
  const std::string path = TRY(cgroup_of(pid));
  if (!path.ends_with(cat("/", scope.name)))
    return Error::because(ENOTSUP, cat("systemd made the scope ", scope.name,
                                       ", but the container is in the cgroup ", path));
  // One that was there before the scope: the process would never go on.
  const cgroup::Group group = TRY(cgroup::Group::open(hierarchy, path));
  if (TRY(group.frozen()))
    return Error::because(EBUSY, cat("cgroup ", path, " is frozen: thaw it first"));
  std::span<const plan::CgroupWrite> limits = scoped_->limits;
  auto made = make_in_scope(hierarchy, path, scope.subgroup, pid, limits);
  if (!made && !limits.empty() && made.error().is(ENOTSUP)) {
    Error error = explain(made.error(), *scoped_);
    if (!scoped_->optional) return error;
    notify_(error.message());
    limits = {};
    made = make_in_scope(hierarchy, path, scope.subgroup, pid, limits);
  }
  held_.emplace(Held{std::move(hierarchy), TRY(std::move(made))});
  TRY(cgroup::apply(held_->made.group, limits));
  return cgroup::keep_devices(held_->made.group, scoped_->devices);
}

Result<void> CgroupLease::hand_over(const plan::CgroupPlan& plan, pid_t init,
                                    const Notify& notify) const {
  if (!held_ && plan.delegated.empty()) return {};
  if (!held_)
    return Error::because(ENOTSUP, cat("run.oci.delegate-cgroup needs a cgroup of the container's ",
                                       "own: set linux.cgroupsPath to one that is yours"));
  const cgroup::Group& group = held_->made.group;
  std::optional<cgroup::Group> below;
  if (!plan.delegated.empty()) {
    below = TRY(group.make_below(plan.delegated), "run.oci.delegate-cgroup ", plan.delegated);
    TRY(below->write("cgroup.procs", cat(init)), "move a process to cgroup ", below->path());
  }
  if (!plan.owner || *plan.owner == ::geteuid()) return {};
  auto given = group.give_to(*plan.owner);
  if (given && below) given = below->give_to(*plan.owner);
  if (!given)
    notify(cat("the cgroup ", group.path(),
               " stays ours, and the program may not write to it: ", given.error().message()));
  return {};
}

void CgroupLease::describe(State& state) const {
  if (!held_) return;
  if (scoped_) {
    state.scope = scoped_->scope->name;
    state.system_scope = scoped_->scope->system;
  }
  state.cgroup = held_->made.group.path();
  state.cgroup_made = static_cast<uint32_t>(held_->made.made);
}

launch::CgroupTarget target_of(const State& state, const cgroup::Group& group) {
  launch::CgroupTarget target{.directory = &group.directory()};
  if (!state.scope.empty())
    target.move = [&state, path = group.path()](pid_t pid) {
      return enter_scope(state, path, pid);
    };
  return target;
}

Result<cgroup::Group> group_of(const State& state) {
  if (state.cgroup.empty())
    return Error::because(
        ENOTSUP, cat("container ", state.id, " has no cgroup of its own: set ",
                     "linux.cgroupsPath to one that is delegated to you, and create it ", "again"));
  return cgroup::Group::open(TRY(Hierarchy::find()), state.cgroup);
}

bool is_paused(const State& state) {
  if (state.cgroup.empty()) return false;
  const auto group = group_of(state);
  if (!group) return false;
  const auto frozen = group->frozen();
  return frozen && *frozen;
}

Result<void> end_cgroup(const State& state) {
  if (state.cgroup.empty()) return {};
  const auto hierarchy = Hierarchy::find();
  if (!hierarchy) return {};
  const auto group = cgroup::Group::open(*hierarchy, state.cgroup);
  if (!group) return {};
  if (!state.own_pid_namespace)
    TRY(group->kill(), "kill what is left in cgroup ", state.cgroup);
  else if (!group->drain(kEndPatience))
    return {};
  return cgroup::unmake(*hierarchy, state.cgroup, state.cgroup_made);
}

}  // namespace wolffia::container
