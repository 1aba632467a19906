// SPDX-License-Identifier: Apache-2.0
#include "cli/user/doctor/gather.hpp"

#include "cli/user/doctor/gather_parts.hpp"
#include "cli/user/doctor/places.hpp"
#include "cli/user/doctor/trial.hpp"
#include "image/store.hpp"
#include "launch/probe.hpp"
#include "plan/parts.hpp"
#include "sys/credentials.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user::doctor {
namespace {

using std::chrono::milliseconds;

/// Together less than a second, each far more than a machine that answers takes.
constexpr milliseconds kPlacesPatience{300};
constexpr milliseconds kTrialPatience{500};
constexpr milliseconds kProxyPatience{150};

/// Without /proc nothing can be known of ids, and nothing of them matters.
plan::Host gather_host() {
  const oci::Spec nothing_asked;
  auto host = launch::probe_host(nothing_asked);
  if (host) return std::move(host).value();
  plan::Host unknown;
  unknown.uid = sys::effective_uid();
  unknown.gid = sys::effective_gid();
  return unknown;
}

plan::UserNamespacePlan plan_ids(const plan::Host& host) {
  const oci::Spec nothing_asked;
  plan::Notices told_by_checks;
  auto user = plan::plan_user_namespace(nothing_asked, host, told_by_checks);
  return user ? std::move(user).value() : plan::UserNamespacePlan{};
}

/// Where a store could be that is better than the one there is: what clusters and people call their
/// local disk, in the order of how long things stay there.
std::vector<std::string> other_stores(uint32_t uid) {
  std::vector<std::string> paths;
  for (const char* name : {"WOLFFIA_SCRATCH", "SCRATCH", "TMPDIR"})
    if (const std::string value = variable(name); value.starts_with('/'))
      paths.push_back(cat(value, "/wolffia-", uid, "-store"));
  for (const char* place : {"/scratch", "/local", "/var/tmp", "/tmp"})
    paths.push_back(cat(place, "/wolffia-", uid, "-store"));
  return paths;
}

/// As an absolute path; empty where there is no place for it.
std::string find_store(const std::string& wanted) {
  auto found = image::store_path(wanted);
  if (!found) return {};
  if (found->starts_with('/')) return std::move(found).value();
  const auto here = sys::working_directory();
  return here ? cat(*here, "/", *found) : std::string();
}

void gather_places(Facts& facts, const std::string& store) {
  const uint32_t uid = facts.host.uid;
  std::vector<std::string> paths{store.empty() ? "/tmp" : store, "/tmp"};
  for (std::string& other : other_stores(uid))
    paths.push_back(std::move(other));
  std::vector<Place> places = look_at(paths, uid, Clock::now() + kPlacesPatience);
  if (!store.empty()) facts.store = std::move(places[0]);
  facts.tmp = std::move(places[1]);
  for (size_t i = 2; i < places.size() && facts.better_store.empty(); ++i)
    if (places[i].path != store && suits_a_store(places[i])) facts.better_store = places[i].path;
}

}  // namespace

Facts gather(Known known) {
  Facts facts;
  facts.host = gather_host();
  facts.user = plan_ids(facts.host);
  facts.confinement = gather_confinement();
  facts.cgroups = gather_cgroups();
  facts.environment = gather_environment(facts.host);
  facts.environment.runtime_missing = std::move(known.runtime_missing);
  facts.environment.image_program_missing = std::move(known.image_program_missing);
  const std::string store = find_store(known.store);
  facts.environment.has_home = !store.empty();
  gather_places(facts, store);
  const bool writable = facts.store.answered && facts.store.write_code == 0 && !store.empty();
  facts.trials = try_a_start(facts.user, writable ? facts.store.existing : std::string(),
                             Clock::now() + kTrialPatience);
  facts.transfers = gather_transfers(facts.environment.executable, kProxyPatience);
  return facts;
}

}  // namespace wolffia::cli::user::doctor
