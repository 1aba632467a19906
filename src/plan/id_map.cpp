// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "plan/capabilities.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

using How = UserNamespacePlan::How;
using Map = std::vector<oci::IdMap>;

/// The uid half or the gid half of what make_plan() was given: the two follow the same rules.
struct Half {
  std::string_view field;    // of the bundle's mappings
  std::string_view process;  // field of the id that the process runs as
  const Map& asked;
  const Map& current;  // map of the current user namespace
  const std::vector<SubidRange>& subordinate;
  uint32_t own;     // id of the caller
  uint32_t wanted;  // id that the process runs as
};

Half uid_half(const oci::Spec& spec, const Host& host) {
  return {"linux.uidMappings",
          "process.user.uid",
          spec.linux.uid_mappings,
          host.uid_map,
          host.sub_uids,
          host.uid,
          spec.process ? spec.process->user.uid : 0};
}

Half gid_half(const oci::Spec& spec, const Host& host) {
  return {"linux.gidMappings",
          "process.user.gid",
          spec.linux.gid_mappings,
          host.gid_map,
          host.sub_gids,
          host.gid,
          spec.process ? spec.process->user.gid : 0};
}

/// The one id that the kernel lets anyone map without help. Source: user_namespaces(7).
oci::IdMap one_id(const Half& half) {
  return {half.wanted, half.own, 1};
}

bool is_own_id(const Map& map, uint32_t own) {
  return map.size() == 1 && map[0].size == 1 && map[0].host == own;
}

bool helpers_usable(const Host& host) {
  return host.newuidmap == MapHelper::Usable && host.newgidmap == MapHelper::Usable;
}

/// Every id that exists here under its own number: for a privileged caller's bundle that asks for a
/// user namespace and does not say which ids it has.
Map identity(const Map& current) {
  Map map;
  for (const oci::IdMap& line : current)
    map.push_back({line.container, line.container, line.size});
  return map;
}

/// 0 is the caller, 1 and up are its subordinate ids; or the one id where there are none.
Map default_map(const Half& half, bool ranges) {
  Map map{{0, half.own, 1}};
  if (ranges) append_ranges(map, usable_ranges(half.subordinate, half.current));
  return map.size() > 1 ? map : Map{one_id(half)};
}

/// Ids outside are those of the current user namespace, and it may not have all of them.
Result<void> check_outside(const Half& half) {
  for (size_t i = 0; i < half.asked.size(); ++i) {
    const oci::IdMap& line = half.asked[i];
    if (contains(half.current, line.host, line.size)) continue;
    return Error::because(EINVAL, cat(half.field, "[", i, "] maps ", line.host, " to ",
                                      line.host + (line.size - 1), " of the caller's user ",
                                      "namespace, which has only ", describe_inside(half.current)));
  }
  return {};
}

/// The lines as the kernel takes them.
Result<Map> cut_map(const Half& half, const Map& map) {
  Map lines = cut_along(map, half.current);
  if (lines.size() <= kMaxMapLines) return lines;
  return Error::because(EINVAL, cat(half.field, " spans so many lines of the caller's user ",
                                    "namespace that the kernel would have to take ", lines.size(),
                                    ", and it takes ", kMaxMapLines, ": map fewer ranges"));
}

Result<UserNamespacePlan> inherit(const oci::Spec& spec) {
  if (spec.linux.uid_mappings.empty() && spec.linux.gid_mappings.empty())
    return UserNamespacePlan{};
  return Error::because(EINVAL,
                        "linux.uidMappings and linux.gidMappings need a user namespace: "
                        "add {\"type\": \"user\"} to linux.namespaces");
}

/// A joined namespace has its maps. containerd and CRI-O give them again; whether they are right
/// only the kernel can tell, once it is joined.
UserNamespacePlan join(const oci::Spec& spec, const std::string& path) {
  UserNamespacePlan user;
  user.how = How::Join;
  user.path = path;
  user.uid_map = spec.linux.uid_mappings;
  user.gid_map = spec.linux.gid_mappings;
  return user;
}

Result<UserNamespacePlan> create_privileged(const Half& uid, const Half& gid, const Host& host) {
  TRY(check_outside(uid));
  TRY(check_outside(gid));
  UserNamespacePlan user;
  user.how = How::New;
  user.writer = MapWriter::Parent;
  user.uid_map = TRY(cut_map(uid, uid.asked.empty() ? identity(uid.current) : uid.asked));
  user.gid_map = TRY(cut_map(gid, gid.asked.empty() ? identity(gid.current) : gid.asked));
  user.deny_setgroups = host.setgroups_denied;
  return user;
}

Result<UserNamespacePlan> create_unprivileged(const Half& uid, const Half& gid, const Host& host,
                                              Notices& notices) {
  UserNamespacePlan user;
  user.how = How::New;
  const bool usable = helpers_usable(host);
  user.uid_map = TRY(cut_map(uid, uid.asked.empty() ? default_map(uid, usable) : uid.asked));
  user.gid_map = TRY(cut_map(gid, gid.asked.empty() ? default_map(gid, usable) : gid.asked));
  user.one_uid = one_id(uid);
  user.one_gid = one_id(gid);
  const bool own_uid = is_own_id(user.uid_map, host.uid);
  const bool own_gid = is_own_id(user.gid_map, host.gid);
  user.writer = own_uid && own_gid ? MapWriter::Child : MapWriter::Helpers;
  // newgidmap(1) as well maps a gid without a subordinate range only where setgroups is denied:
  // leaving a group can be gaining access (CVE-2014-8989).
  user.deny_setgroups = own_gid || host.setgroups_denied;
  user.may_fall_back = user.writer == MapWriter::Helpers && uid.asked.empty() && gid.asked.empty();
  if (user.writer == MapWriter::Helpers && !usable) {
    const Half& first = own_uid ? gid : uid;
    return Error::because(
        EPERM, cat(first.field, " needs more than the caller's own id: ", explain_helper(host)));
  }
  const bool lacks_uids = uid.asked.empty() && own_uid;
  const bool lacks_gids = gid.asked.empty() && own_gid;
  if (lacks_uids || lacks_gids)
    notices.push_back(advise_more_ids(host, lacks_uids, lacks_gids, user));
  return user;
}

Result<void> check_mapped(std::string_view field, uint32_t id, const Map* map,
                          std::string_view where) {
  if (!map || maps(*map, id)) return {};
  return Error::because(
      EINVAL, cat(field, " ", id, " is not mapped", where, " (", describe_inside(*map), ")"));
}

/// Where the ids that exist inside come from, for a message: " in linux.uidMappings".
std::string origin(const Half& half, const UserNamespacePlan& user) {
  if (user.how == How::Inherit) return " in the caller's user namespace";
  return half.asked.empty() ? " to an id of yours" : cat(" in ", half.field);
}

/// Of a joined namespace only the kernel knows.
bool setgroups_denied(const UserNamespacePlan& user, const Host& host) {
  if (user.how == How::New) return user.deny_setgroups;
  return user.how == How::Inherit && host.setgroups_denied;
}

Result<void> fit_groups(const oci::Spec& spec, const Host& host, Plan& plan) {
  ProcessPlan& process = *plan.process;
  if (annotated(spec, "run.oci.keep_original_groups")) {
    process.keep_groups = true;
    process.additional_gids.clear();
    return {};
  }
  if (setgroups_denied(plan.user, host)) {
    leave_groups_out(plan);
    return {};
  }
  // Where a joined one denies setgroups(2) they are left out, mapped or not.
  if (plan.user.how == How::Join) return {};
  const Half half = gid_half(spec, host);
  const Map* gids = gids_inside(plan.user, host);
  for (size_t i = 0; i < process.additional_gids.size(); ++i) {
    TRY(check_mapped(cat("process.user.additionalGids[", i, "]"), process.additional_gids[i], gids,
                     origin(half, plan.user)));
  }
  return {};
}

}  // namespace

Result<UserNamespacePlan> plan_user_namespace(const oci::Spec& spec, const Host& host,
                                              Notices& notices) {
  const oci::Namespace* listed = spec.find_namespace(oci::NamespaceType::User);
  if (listed && !listed->path.empty()) return join(spec, listed->path);
  if (host.privileged && !listed) return inherit(spec);
  const Half uid = uid_half(spec, host);
  const Half gid = gid_half(spec, host);
  // Unprivileged, a user namespace is what makes the others possible: listed or not.
  return host.privileged ? create_privileged(uid, gid, host)
                         : create_unprivileged(uid, gid, host, notices);
}

namespace {

/// nullptr: not known.
const Map* inside(const UserNamespacePlan& user, const Map& planned, const Map& inherited) {
  if (user.how == How::Inherit) return &inherited;
  return user.how == How::Join && planned.empty() ? nullptr : &planned;
}

}  // namespace

const Map* uids_inside(const UserNamespacePlan& user, const Host& host) {
  return inside(user, user.uid_map, host.uid_map);
}

const Map* gids_inside(const UserNamespacePlan& user, const Host& host) {
  return inside(user, user.gid_map, host.gid_map);
}

Result<void> fit_process_ids(const oci::Spec& spec, const Host& host, Plan& plan) {
  if (!plan.process) return {};
  const Half uid = uid_half(spec, host);
  const Half gid = gid_half(spec, host);
  TRY(check_mapped(uid.process, uid.wanted, uids_inside(plan.user, host), origin(uid, plan.user)));
  TRY(check_mapped(gid.process, gid.wanted, gids_inside(plan.user, host), origin(gid, plan.user)));
  if (plan.user.how == How::Inherit)
    limit_capabilities(plan.process->capabilities, host.capabilities, plan.notices);
  return fit_groups(spec, host, plan);
}

void leave_groups_out(Plan& plan) {
  ProcessPlan& process = *plan.process;
  process.keep_groups = true;
  std::string lost;
  for (const uint32_t gid : process.additional_gids) {
    if (gid != process.gid.value) lost += cat(lost.empty() ? "" : ", ", gid);
  }
  process.additional_gids.clear();
  if (lost.empty()) return;
  plan.notices.push_back(cat("process.user.additionalGids: left out, setgroups is denied without ",
                             "subordinate gids: ", lost));
}

void fall_back_to_one_id(Plan& plan) {
  UserNamespacePlan& user = plan.user;
  user.uid_map = {user.one_uid};
  user.gid_map = {user.one_gid};
  user.writer = MapWriter::Child;
  user.deny_setgroups = true;
  user.may_fall_back = false;
  drop_unmapped_tty_groups(plan.mounts, user.gid_map);
  if (plan.process) leave_groups_out(plan);
}

}  // namespace wolffia::plan
