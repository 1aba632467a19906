// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "plan/host.hpp"

namespace wolffia::plan {

/// The ranges that `file` (the text of /etc/subuid or /etc/subgid) gives to the user, by name or
/// by decimal uid, in file order; a malformed line is skipped as newuidmap(1) skips it.
/// Source: subuid(5).
std::vector<SubidRange> parse_subid(std::string_view file, std::string_view user_name,
                                    uint32_t uid);

/// The first id of 100000 or more that lies behind every range of `file`, whoever owns it.
uint32_t first_free_subid(std::string_view file);

/// The output of getsubids(1): "0: ana 100000 65536".
std::vector<SubidRange> parse_getsubids(std::string_view output);

/// Whether nsswitch.conf(5) takes subordinate ids from elsewhere than the files: "subid: sss".
bool subids_are_elsewhere(std::string_view nsswitch);

/// The name that `passwd` (the text of /etc/passwd) gives to `uid`, or nothing. Source: passwd(5).
std::string find_user_name(std::string_view passwd, uint32_t uid);

/// The text of /proc/PID/uid_map or gid_map. Source: user_namespaces(7).
std::vector<oci::IdMap> parse_id_map_file(std::string_view text);

}  // namespace wolffia::plan
