// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cgroup/group.hpp"
#include "cgroup/make.hpp"
#include "container/create.hpp"
#include "container/state.hpp"
#include "launch/starter.hpp"
#include "plan/plan.hpp"

/// The cgroup of a container: from create to delete.
namespace wolffia::container {

/// The cgroup of a container that is being created, with its limits. Destroyed before keep(), what
/// is in it is killed, and it is removed.
class CgroupLease {
 public:
  /// `plan` must stay until the first process is there. Without limits, and where the caller may
  /// not have the cgroup that is asked for, none: the container stays in the caller's. Errors: a
  /// sentence, with what could be changed.
  static Result<CgroupLease> take(const plan::CgroupPlan& plan, const std::string& id,
                                  const Notify& notify);
  CgroupLease() = default;
  CgroupLease(CgroupLease&& other) noexcept;
  CgroupLease& operator=(CgroupLease&& other) noexcept;
  ~CgroupLease();

  /// Where the first process is to be. A scope of systemd is made when that is there to be in it.
  /// The lease must outlive it, and not be moved before that process is there.
  launch::CgroupTarget target();
  /// When `init` is in it with the namespace that begins there: moves it to the cgroup below that
  /// `plan` names, and gives both to whom they are to belong. One who cannot is told.
  Result<void> hand_over(const plan::CgroupPlan& plan, pid_t init, const Notify& notify) const;
  /// Afterwards: what state.json says of it.
  void describe(State& state) const;
  void keep() { held_.reset(); }

 private:
  struct Held {
    cgroup::Hierarchy hierarchy;
    cgroup::Made made;
  };
  explicit CgroupLease(Held held) : held_(std::move(held)) {}
  CgroupLease(const plan::CgroupPlan& scoped, Notify notify)
      : scoped_(&scoped), notify_(std::move(notify)) {}
  Result<void> place_in_scope(pid_t pid);

  std::optional<Held> held_;
  const plan::CgroupPlan* scoped_ = nullptr;  // systemd is asked, for a scope
  Notify notify_;
};

/// How a process gets into `group`, of a container that runs.
launch::CgroupTarget target_of(const State& state, const cgroup::Group& group);

/// The container's cgroup. Errors: ENOTSUP, a sentence ending in how to get one, where it has none.
Result<cgroup::Group> group_of(const State& state);

/// Whether it has one, and that is frozen.
bool is_paused(const State& state);

/// Removes what was made for the container's cgroup, once the container has ended. What is left in
/// it is killed where no pid namespace has seen to that; else it belongs to somebody who uses the
/// same cgroup now, and is left alone. One that is not there, or never was, is no error.
Result<void> end_cgroup(const State& state);

}  // namespace wolffia::container
