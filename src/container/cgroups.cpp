// SPDX-License-Identifier: Apache-2.0
#include "container/cgroups.hpp"

#include "base/quote.hpp"

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

Error explain(const Error& error, const plan::CgroupPlan& plan) {
  return Error::because(ENOTSUP, cat("linux.resources.", plan.limits.front().field,
                                     " can't be applied: ", error.message(),
                                     ". To run without limits, give --cgroup-manager disabled or ",
                                     "set the annotation org.wolffia.resources.optional=true"));
}

}  // namespace

CgroupLease::CgroupLease(CgroupLease&& other) noexcept
    : held_(std::exchange(other.held_, std::nullopt)) {}

CgroupLease& CgroupLease::operator=(CgroupLease&& other) noexcept {
  std::swap(held_, other.held_);
  return *this;
}

CgroupLease::~CgroupLease() {
  if (!held_) return;
  (void)held_->made.group.kill();
  (void)cgroup::unmake(held_->hierarchy, held_->made.group.path(), held_->made.made);
}

Result<CgroupLease> CgroupLease::take(const plan::CgroupPlan& plan, const std::string& id,
                                      const Notify& notify) {
  std::span<const plan::CgroupWrite> limits = plan.limits;
  auto hierarchy = Hierarchy::find();
  auto made =
      hierarchy ? make_one(*hierarchy, plan, id, limits) : Result<cgroup::Made>(hierarchy.error());
  if (!made && made.error().is(EBUSY)) return std::move(made).error().context("linux.cgroupsPath");
  if (!made && !limits.empty()) {
    Error error = explain(made.error(), plan);
    if (!plan.optional) return error;
    notify(error.message());
    limits = {};
    if (hierarchy) made = make_one(*hierarchy, plan, id, limits);
  }
  if (!made) return CgroupLease();
  CgroupLease lease(Held{std::move(*hierarchy), std::move(*made)});
  TRY(cgroup::apply(lease.held_->made.group, limits));
  return lease;
}

void CgroupLease::describe(State& state) const {
  if (!held_) return;
  state.cgroup = held_->made.group.path();
  state.cgroup_made = static_cast<uint32_t>(held_->made.made);
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
