// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "cgroup/place.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/user/request.hpp"
#include "oci/image_spec.hpp"
#include "oci/runtime_spec.hpp"

namespace wolffia::cli::user {

/// One thing that holds in a container, and why.
struct Fact {
  std::string kind;  // "mount"
  std::string what;
  std::string reason;  // "--volume", "default: …", "the image's config"
};

/// What a container is made of.
struct Explained {
  const RunRequest& request;
  const oci::ImageConfig* image;  // null: a plain directory
  const OuterNamespace& outer;
  const oci::Spec& spec;  // of its config.json
  Fact storage;
  cgroup::Place place = {};  // place_for_limits()
  std::string groups = {};   // groups_that_stay()
};

/// Every namespace, id map, mount, hidden path, variable, capability and limit of a container, its
/// process, network, storage and seccomp profile, each with its reason, in this order of kinds.
/// Pure. Errors: those of plan_limits().
Result<std::vector<Fact>> facts_of(const Explained& it);

}  // namespace wolffia::cli::user
