// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"
#include "base/version.hpp"
#include "cli/user/doctor/causes.hpp"
#include "plan/parts.hpp"
#include "plan/ranges.hpp"

namespace wolffia::cli::user::doctor {
namespace {

using plan::MapHelper;
using How = plan::UserNamespacePlan::How;

/// Debian's images have files of uid 65534, nobody; a range of 65536 has it.
constexpr uint64_t kEnoughIds = 65536;

/// Root of the machine, or of a namespace we were started in: it has the ids it has.
bool brings_ids(const Facts& facts) {
  return facts.host.privileged;
}

/// Where root does not exist nothing is set-user-ID root, and no helper can be mended.
bool has_root(const Facts& facts) {
  return facts.host.uid_map.empty() || plan::maps(facts.host.uid_map, 0);  // empty: not known
}

/// The helper that is in this state, as a path; null: neither.
const char* helper_in(const Facts& facts, MapHelper state) {
  if (brings_ids(facts) || !has_root(facts)) return nullptr;
  if (facts.host.newuidmap == state) return kNewuidmap;
  return facts.host.newgidmap == state ? kNewgidmap : nullptr;
}

uint64_t count_of(const std::vector<oci::IdMap>& map) {
  uint64_t count = 0;
  for (const oci::IdMap& line : map)
    count += line.size;
  return count;
}

bool has_ranges(const Facts& facts) {
  return !facts.host.sub_uids.empty() && !facts.host.sub_gids.empty();
}

}  // namespace

uint64_t ids_inside(const Facts& facts) {
  if (facts.user.how != How::New)
    return std::min(count_of(facts.host.uid_map), count_of(facts.host.gid_map));
  if (facts.trials.one_id) return 1;
  return std::min(count_of(facts.user.uid_map), count_of(facts.user.gid_map));
}

Look helper_missing(const Facts& facts) {
  const char* path = helper_in(facts, MapHelper::Missing);
  if (!path) return std::nullopt;
  return Told{.cause = cat(path, " is missing: only root could map more ids than your own")};
}

Look helper_not_setuid(const Facts& facts) {
  const char* path = helper_in(facts, MapHelper::NotSetuid);
  if (!path) return std::nullopt;
  return Told{.cause = cat(path, " is not setuid root: it cannot map ids"),
              .fix = cat("sudo chown root ", path, " && sudo chmod u+s ", path)};
}

Look helper_on_nosuid(const Facts& facts) {
  const char* path = helper_in(facts, MapHelper::NosuidMount);
  if (!path) return std::nullopt;
  return Told{.cause = cat(path, " is on a nosuid mount: it cannot map ids"),
              .fix = cat("sudo mount -o remount,suid \"$(findmnt -no TARGET -T ", path, ")\"")};
}

Look no_new_privileges(const Facts& facts) {
  if (brings_ids(facts) || !facts.confinement.no_new_privileges) return std::nullopt;
  return Told{};
}

Look helper_refused(const Facts& facts) {
  if (!facts.trials.one_id) return std::nullopt;
  return Told{.cause = cat("newuidmap refuses: ", printable(facts.trials.helper))};
}

Look no_subordinate_ids(const Facts& facts) {
  if (brings_ids(facts) || has_ranges(facts) || !has_root(facts)) return std::nullopt;
  const plan::Host& host = facts.host;
  const bool uids = host.sub_uids.empty();
  const bool gids = host.sub_gids.empty();
  return Told{.cause = cat("there are no subordinate ",
                           uids && gids ? "ids"
                           : uids       ? "uids"
                                        : "gids",
                           " for ", plan::user_of(host)),
              .fix = plan::command_for_ranges(host, uids, gids)};
}

Look ids_not_here(const Facts& facts) {
  if (brings_ids(facts) || (!has_ranges(facts) && has_root(facts))) return std::nullopt;
  const plan::Host& host = facts.host;
  const bool here = has_root(facts) && !plan::usable_ranges(host.sub_uids, host.uid_map).empty() &&
                    !plan::usable_ranges(host.sub_gids, host.gid_map).empty();
  if (here) return std::nullopt;
  return Told{.cause = cat("the subordinate ids of ", plan::user_of(host),
                           " do not exist in the user namespace we are in")};
}

Look few_ids(const Facts& facts) {
  const uint64_t count = ids_inside(facts);
  if (count <= 1 || count >= kEnoughIds) return std::nullopt;
  Told told{.cause = cat("a container has only ", count,
                         " ids: images have files of others, and of 65534")};
  if (!brings_ids(facts)) told.fix = plan::command_for_ranges(facts.host, true, true);
  return told;
}

}  // namespace wolffia::cli::user::doctor
