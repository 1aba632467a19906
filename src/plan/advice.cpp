// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"
#include "base/version.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

/// How many ids a range of our advice has: what useradd(8) gives.
constexpr uint32_t kAdvisedCount = 65536;

struct HelperTrouble {
  std::string cause;
  std::string command;  // what mends it, to be run by root; empty: no command does
  std::string advice;   // where no command does
};

HelperTrouble trouble_of(MapHelper state, const std::string& program) {
  switch (state) {
    case MapHelper::Usable:
      break;
    case MapHelper::Missing:
      return {cat(program, " is missing"), "sudo apt install uidmap", {}};
    case MapHelper::NotSetuid:
      return {cat(program, " is not setuid root"), cat("sudo chmod u+s ", program), {}};
    case MapHelper::NoNewPrivs:
      return {cat("no_new_privs keeps ", program, " from its rights"),
              {},
              "start the runtime without no_new_privs (systemd: NoNewPrivileges=no)"};
    case MapHelper::NosuidMount:
      return {cat(program, " is on a nosuid mount"),
              cat("sudo mount -o remount,suid \"$(findmnt -no TARGET -T ", program, ")\""),
              {}};
  }
  return {};
}

HelperTrouble helper_trouble(const Host& host) {
  return host.newuidmap != MapHelper::Usable ? trouble_of(host.newuidmap, kNewuidmap)
                                             : trouble_of(host.newgidmap, kNewgidmap);
}

/// "only uid 0 and gid 0 exist inside"
std::string what_is_left(bool uids, bool gids, const UserNamespacePlan& user) {
  const std::string uid = cat("uid ", user.one_uid.container);
  const std::string gid = cat("gid ", user.one_gid.container);
  if (uids && gids) return cat("only ", uid, " and ", gid, " exist inside");
  return cat("only ", uids ? uid : gid, " exists inside");
}

}  // namespace

std::string user_of(const Host& host) {
  return host.user_name.empty() ? cat("uid ", host.uid) : quoted(host.user_name);
}

// usermod(8) knows only the users of /etc/passwd.
std::string command_for_ranges(const Host& host, bool uids, bool gids) {
  const uint32_t first = host.free_subid;
  if (host.user_name.empty()) {
    return cat("echo ", host.uid, ":", first, ":", kAdvisedCount, " | sudo tee -a",
               uids ? " /etc/subuid" : "", gids ? " /etc/subgid" : "");
  }
  const std::string range = cat(" ", first, "-", first + (kAdvisedCount - 1));
  return cat("sudo usermod", uids ? cat(" --add-subuids", range) : "",
             gids ? cat(" --add-subgids", range) : "", " ", host.user_name);
}

std::string explain_helper(const Host& host) {
  const HelperTrouble trouble = helper_trouble(host);
  return cat(trouble.cause, "; ",
             trouble.command.empty() ? trouble.advice : cat("run: ", trouble.command));
}

std::string advise_more_ids(const Host& host, bool uids, bool gids, const UserNamespacePlan& user) {
  const bool add_uids = uids && host.sub_uids.empty();
  const bool add_gids = gids && host.sub_gids.empty();
  const HelperTrouble trouble = helper_trouble(host);
  std::string cause = trouble.cause;
  std::string command = trouble.command;
  if (add_uids || add_gids) {
    const std::string_view kind = add_uids && add_gids ? "ids" : add_uids ? "uids" : "gids";
    cause = cat("no subordinate ", kind, " for ", user_of(host));
    command += cat(command.empty() ? "" : " && ", command_for_ranges(host, add_uids, add_gids));
  } else if (cause.empty()) {
    cause = cat("the subordinate ids of ", user_of(host), " do not exist in this user namespace");
  }
  std::string result = cat(cause, ": ", what_is_left(uids, gids, user));
  if (command.empty() && trouble.advice.empty()) return result;
  std::string steps = trouble.advice;
  if (!command.empty()) steps += cat(steps.empty() ? "" : ", and ", "run: ", command);
  return cat(result, "; to get ", kAdvisedCount, ", ", steps);
}

}  // namespace wolffia::plan
