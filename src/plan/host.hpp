// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oci/runtime_spec.hpp"

namespace wolffia::plan {

/// `count` >= 1 subordinate ids from `start` on, as the current user namespace counts them;
/// start + count does not run past the last id.
/// Source: subuid(5).
struct SubidRange {
  uint32_t start;
  uint32_t count;
  friend bool operator==(const SubidRange&, const SubidRange&) = default;
};

/// Why newuidmap or newgidmap can't be used, or Usable.
enum class MapHelper : uint8_t { Usable, Missing, NotSetuid, NoNewPrivs, NosuidMount };

/// Which of these security modules the kernel runs.
struct SecurityModules {
  bool apparmor = false, selinux = false;
};

/// Facts about this kernel and user: an input of make_plan(), so that a difference between
/// machines is a row in a test. launch::probe_host() fills in only what the bundle asks about.
struct Host {
  uint32_t uid = 0;  // effective, as the current user namespace counts them
  uint32_t gid = 0;
  std::string user_name;  // empty: none in /etc/passwd, or not asked for
  /// CAP_SYS_ADMIN is effective: real root, or root of the user namespace we were started in.
  bool privileged = false;
  uint64_t capabilities = ~uint64_t{0};      // effective ones, bit n is capability n
  std::vector<oci::IdMap> uid_map, gid_map;  // of the current user namespace
  bool setgroups_denied = false;             // in it: /proc/self/setgroups says "deny"

  /// Asked for only where an unprivileged bundle brings no mappings.
  std::vector<SubidRange> sub_uids, sub_gids;
  /// The first id that no line of /etc/subuid or /etc/subgid gives to anyone: for the advice.
  uint32_t free_subid = 100000;
  /// Asked for only where they would be needed.
  MapHelper newuidmap = MapHelper::Usable;
  MapHelper newgidmap = MapHelper::Usable;
  /// Asked for only where the bundle names a label.
  SecurityModules modules;

  /// Root, and in no user namespace but the first.
  bool is_machine_root() const {
    return uid == 0 && uid_map == std::vector<oci::IdMap>{{0, 0, UINT32_MAX}};
  }
};

}  // namespace wolffia::plan
