// SPDX-License-Identifier: Apache-2.0
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include "probe.hpp"

namespace probe {
namespace {

/// Real, effective, saved and file system id alike.
std::string four(const std::string& id) {
  return id + "\t" + id + "\t" + id + "\t" + id;
}

/// Lines of an id map with single spaces, joined by commas.
std::string id_map(const std::string& path) {
  std::string map;
  for (const std::string& line : split(read_file(path), '\n')) {
    if (!map.empty()) map += ',';
    std::string joined;
    for (const std::string& word : split(line, ' ')) {
      if (!word.empty()) joined += (joined.empty() ? "" : " ") + word;
    }
    map += joined;
  }
  return map;
}

std::string uid(const Expected& expected) {
  return differs(status_field("Uid"), four(expected.get("uid", "0")));
}

std::string gid(const Expected& expected) {
  return differs(status_field("Gid"), four(expected.get("gid", "0")));
}

std::string groups(const Expected& expected) {
  std::vector<std::string> found = split(status_field("Groups"), ' ');
  std::vector<std::string> wanted = split(expected.get("groups"), ' ');
  std::sort(found.begin(), found.end());
  std::sort(wanted.begin(), wanted.end());
  if (found == wanted) return {};
  return differs(status_field("Groups"), expected.get("groups"));
}

std::string uid_map(const Expected& expected) {
  return differs(id_map("/proc/self/uid_map"), expected.get("uid_map"));
}

std::string gid_map(const Expected& expected) {
  return differs(id_map("/proc/self/gid_map"), expected.get("gid_map"));
}

std::string setgroups_state(const Expected& expected) {
  return differs(read_file("/proc/self/setgroups"), expected.get("setgroups", "deny") + "\n");
}

constexpr const char* kNoCapabilities = "0000000000000000";

std::string inheritable(const Expected& expected) {
  return differs(status_field("CapInh"), expected.get("inheritable", kNoCapabilities));
}

std::string permitted(const Expected& expected) {
  return differs(status_field("CapPrm"), expected.get("permitted", kNoCapabilities));
}

std::string effective(const Expected& expected) {
  return differs(status_field("CapEff"), expected.get("effective", kNoCapabilities));
}

std::string bounding(const Expected& expected) {
  return differs(status_field("CapBnd"), expected.get("bounding", kNoCapabilities));
}

std::string ambient(const Expected& expected) {
  return differs(status_field("CapAmb"), expected.get("ambient", kNoCapabilities));
}

// KEEP_CAPS, which a runtime sets to change its user, must not outlive the exec.
std::string securebits(const Expected&) {
  return differs(std::to_string(::prctl(PR_GET_SECUREBITS)), "0");
}

std::string no_new_privileges(const Expected& expected) {
  return differs(status_field("NoNewPrivs"), expected.get("no_new_privs", "1"));
}

std::string seccomp_mode(const Expected& expected) {
  return differs(status_field("Seccomp"), expected.get("seccomp", "2"));
}

std::string seccomp_filters(const Expected& expected) {
  return differs(status_field("Seccomp_filters"), expected.get("filters", "1"));
}

// The last capability of the kernel is 63 at most; beyond the bounding set nothing may be raised.
std::string raises_nothing(const Expected& expected) {
  const std::string wanted = expected.get("bounding", kNoCapabilities);
  const unsigned long long allowed = std::stoull(wanted, nullptr, 16);
  for (unsigned capability = 0; capability < 64; ++capability) {
    if ((allowed >> capability & 1) == 0 && ::prctl(PR_CAPBSET_READ, capability) == 1) {
      return "capability " + std::to_string(capability) + " is in the bounding set";
    }
  }
  return {};
}

std::string unprivileged_exec(const Expected&) {
  return ::getauxval(AT_SECURE) == 0 ? "" : "the program was started as if it were setuid";
}

constexpr Fact kFacts[] = {
    {"all four uids are the user's", uid},
    {"all four gids are the user's", gid},
    {"supplementary groups are the bundle's", groups},
    {"uid_map is exact", uid_map},
    {"gid_map is exact", gid_map},
    {"setgroups is as the map demands", setgroups_state},
    {"inheritable capabilities", inheritable},
    {"permitted capabilities", permitted},
    {"effective capabilities", effective},
    {"bounding capabilities", bounding},
    {"ambient capabilities", ambient},
    {"no capability beyond the bounding set", raises_nothing},
    {"securebits are clear", securebits},
    {"no_new_privs is set", no_new_privileges},
    {"seccomp filters", seccomp_mode},
    {"exactly one seccomp filter", seccomp_filters},
    {"no secure execution", unprivileged_exec},
};

}  // namespace

std::span<const Fact> identity_facts() {
  return kFacts;
}

}  // namespace probe
