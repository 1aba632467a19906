// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"
#include "cli/user/doctor/causes.hpp"

namespace wolffia::cli::user::doctor {
namespace {

using Kind = Cgroups::Kind;

Look limited_when(const Facts& facts, Kind kind) {
  if (facts.cgroups.kind != kind) return std::nullopt;
  return Told{.severity = Severity::Works};
}

}  // namespace

Look no_cgroups(const Facts& facts) {
  return limited_when(facts, Kind::None);
}

Look cgroups_v1(const Facts& facts) {
  return limited_when(facts, Kind::V1);
}

Look cgroups_hybrid(const Facts& facts) {
  return limited_when(facts, Kind::Hybrid);
}

Look not_delegated(const Facts& facts) {
  const Cgroups& cgroups = facts.cgroups;
  if (cgroups.kind != Kind::Unified || cgroups.writable) return std::nullopt;
  Told told{.severity = Severity::Works,
            .cause = cat("our cgroup ", printable(cgroups.path),
                         " is not delegated to us: no group can be made in it")};
  if (!cgroups.user_manager)
    told.fix =
        "ask for \"Delegate=yes\" in what starts your session or job, see "
        "systemd.resource-control(5)";
  return told;
}

Look controllers_missing(const Facts& facts) {
  const Cgroups& cgroups = facts.cgroups;
  if (cgroups.kind != Kind::Unified || !cgroups.writable || cgroups.missing.empty())
    return std::nullopt;
  std::string names;
  for (const std::string& name : cgroups.missing)
    names += cat(names.empty() ? "" : ", ", name);
  return Told{.severity = Severity::Works,
              .cause = cat("our cgroup is delegated without the controllers ", names)};
}

}  // namespace wolffia::cli::user::doctor
