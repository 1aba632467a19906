// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "helper/daemon.hpp"
#include "plan/plan.hpp"

/// The user and mount namespace that a run, or an image being unpacked, lives in: with the ids this
/// user can have, so that the files of both are owned alike.
namespace wolffia::cli {

struct OuterNamespace {
  plan::UserNamespacePlan user;
  /// What the maps will be, unless newuidmap fails: those of the plan, or of the namespace we are
  /// in.
  std::vector<oci::IdMap> uids, gids;
  std::vector<std::string> notices;  // what is degraded, for whoever starts or fetches something
};

/// Whether root is the only user and the only group there.
bool has_one_id(const OuterNamespace& outer);

/// Finds out what ids there are.
Result<OuterNamespace> plan_outer_namespace();

/// Tells the notices on standard error in `program`'s name.
void tell_notices(const OuterNamespace& outer, std::string_view program);

/// Runs in a process of its own; what it returns is the exit status, an error is told there.
using Work = std::function<Result<int>()>;

/// What happens when a run takes longer than it may.
struct Alarm {
  std::chrono::seconds after{0};
  /// Called when that time is over; returns after how long it is to be called again.
  std::function<std::chrono::seconds()> rings;
};

/// What is looked after while `work` is done.
struct Vigil {
  const Alarm* alarm = nullptr;
  helper::DaemonLine* line = nullptr;  // of a daemon that is started by `work`, if it is
  std::function<void()> line_died;     // called once, where that daemon died
  std::function<void()> child_ended;   // called where any of our children may have, but `work`
};

/// Runs `work` in a child process in the namespace, as its root, waits for it and passes signals
/// on. The runtime started there makes all other namespaces without a user namespace of its own,
/// and storage can be mounted for it beforehand. Returns the exit status; 125 where `work` failed.
Result<int> run_in_outer_namespace(const OuterNamespace& outer, std::string_view program,
                                   const Work& work, const Vigil& vigil = {});

/// Makes the rights over the own user namespace outlive execve(2), which takes them of whoever is
/// not 0 there. Source: capabilities(7), "ambient".
Result<void> keep_rights();

/// Becomes the program `argv[0]` with our environment; returns only to say why not.
Error become(const std::vector<std::string>& argv);
/// The same with a program that is called something else than it is.
Error become(const std::string& program, const std::vector<std::string>& argv);

}  // namespace wolffia::cli
