// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/magic.h>

#include "cli/user/doctor/facts.hpp"

namespace wolffia::cli::user::doctor {

inline Place healthy_place(const std::string& path) {
  Place place;
  place.path = place.existing = path;
  place.space = {.free_bytes = uint64_t{50} << 30,
                 .total_bytes = uint64_t{100} << 30,
                 .free_inodes = 1'000'000,
                 .total_inodes = 2'000'000,
                 .type = EXT4_SUPER_MAGIC};
  return place;
}

/// A machine on which nothing is wrong.
inline Facts healthy() {
  Facts facts;
  facts.host.uid = facts.host.gid = 1001;
  facts.host.user_name = "ana";
  facts.host.uid_map = facts.host.gid_map = {{0, 0, UINT32_MAX}};
  facts.host.sub_uids = facts.host.sub_gids = {{100000, 65536}};
  facts.user.how = plan::UserNamespacePlan::How::New;
  facts.user.writer = plan::MapWriter::Helpers;
  facts.user.uid_map = facts.user.gid_map = {{0, 1001, 1}, {1, 100000, 65536}};
  facts.trials.code.fill(0);
  facts.confinement.max_user_namespaces = 15000;
  facts.cgroups.path = "/user.slice";
  facts.store = healthy_place("/home/ana/.local/share/wolffia");
  facts.tmp = healthy_place("/tmp");
  facts.better_store = "/var/tmp/wolffia-1001-store";
  facts.environment.executable = "/usr/bin/wolffia";
  facts.environment.runtime_path = "/run/user/1001";
  facts.environment.state_dir = "/tmp/wolffia-1001";
  facts.transfers.now = facts.transfers.newest = 1'800'000'000;
  facts.transfers.newest_name = "/usr/bin/wolffia";
  facts.transfers.certificates = "/etc/ssl/certs/ca-certificates.crt";
  return facts;
}

}  // namespace wolffia::cli::user::doctor
