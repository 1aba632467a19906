// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/result.hpp"
#include "launch/protocol.hpp"
#include "plan/plan.hpp"
#include "sys/namespace.hpp"

/// Joining namespaces by path. They are opened by the starter and joined by a process between
/// it and init, since a pid namespace takes effect for children only and a user namespace can't be
/// left again.
namespace wolffia::launch {

/// CLONE_NEW* of a namespace type.
int namespace_flag(oci::NamespaceType type);

struct Joined {
  sys::NamespaceFd space;
  int flag;
  std::string path;
  const plan::UserNamespacePlan* user = nullptr;  // of the user namespace: what is known of it
};
using JoinSet = std::vector<Joined>;

/// Opens every namespace that the plan, which has to outlive the set, joins.
/// Errors: the field and path, and what open(2) said.
Result<JoinSet> open_joins(const plan::Plan& plan);

/// Joins all of `joins`, then becomes two processes: init, made with CLONE_PARENT into the new
/// namespaces `flags`, in which this returns; and the joiner, which reports init's birth and exits.
/// `birth` is the joiner's own channel: on init's, init could speak first, and a joiner that was
/// killed would go unnoticed.
/// With `hide` the processes of the joined namespaces can't trace us.
void join_and_clone(Channel birth, const JoinSet& joins, uint64_t flags, bool hide);

/// Makes init from a process that has joined everything, and reports it; see join_and_clone().
void clone_and_report(Channel birth, uint64_t flags);

}  // namespace wolffia::launch
