// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/magic.h>
#include <unistd.h>

#include "cgroup/place.hpp"
#include "cli/user/doctor/gather_parts.hpp"
#include "sys/credentials.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"

namespace wolffia::cli::user::doctor {
namespace {

using Kind = Cgroups::Kind;

constexpr const char* kMount = "/sys/fs/cgroup";

uint64_t type_at(const char* path) {
  const auto dir = sys::open_at(sys::cwd(), path, O_PATH | O_DIRECTORY);
  if (!dir) return 0;
  const auto type = sys::filesystem_type(*dir);
  return type ? *type : 0;
}

/// Source: systemd's "Control Group APIs and Delegation": a tmpfs holds what is not unified.
Kind find_kind() {
  switch (type_at(kMount)) {
    case CGROUP2_SUPER_MAGIC:
      return Kind::Unified;
    case CGROUP_SUPER_MAGIC:
      return Kind::V1;
    case TMPFS_MAGIC:
      if (type_at("/sys/fs/cgroup/unified") == CGROUP2_SUPER_MAGIC) return Kind::Hybrid;
      return type_at("/sys/fs/cgroup/memory") == CGROUP_SUPER_MAGIC ? Kind::V1 : Kind::None;
    default:
      return Kind::None;
  }
}

/// "/user.slice/…": our group in the unified hierarchy. Source: cgroups(7).
std::string own_group() {
  constexpr size_t kLimit = 65536;
  const auto text = sys::read_file(sys::cwd(), "/proc/self/cgroup", kLimit);
  if (!text) return {};
  constexpr std::string_view kUnified = "\n0::";
  const std::string lines = cat("\n", *text);
  const size_t at = lines.find(kUnified);
  if (at == std::string::npos) return {};
  const size_t begin = at + kUnified.size();
  return lines.substr(begin, lines.find('\n', begin) - begin);
}

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const size_t end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
  }
  return false;
}

bool has_user_manager() {
  const std::string runtime = variable("XDG_RUNTIME_DIR");
  return !runtime.empty() && sys::check_access(cat(runtime, "/systemd/private").c_str(), W_OK);
}

}  // namespace

Cgroups gather_cgroups() {
  Cgroups cgroups;
  cgroups.kind = find_kind();
  cgroups.user_manager = has_user_manager();
  if (cgroups.kind != Kind::Unified) return cgroups;
  cgroups.path = own_group();
  const std::string dir = cat(kMount, cgroups.path == "/" ? "" : cgroups.path);
  cgroups.writable = sys::check_access(dir.c_str(), W_OK) &&
                     sys::check_access(cat(dir, "/cgroup.procs").c_str(), W_OK);
  const std::string there = line_of(cat(dir, "/cgroup.controllers"));
  // In a session our own is root's, and limits are kept all the same: systemd gives a scope.
  const auto place = cgroup::find_place(sys::effective_uid(), variable("XDG_RUNTIME_DIR"));
  const bool by_systemd = place.giver == cgroup::Place::Giver::Systemd;
  if (by_systemd) cgroups.writable = true;
  cgroups.keeps_limits = place.offers("memory");
  for (const char* name : {"cpu", "memory", "pids"})
    if (by_systemd ? !place.offers(name) : !has_word(there, name))
      cgroups.missing.emplace_back(name);
  return cgroups;
}

}  // namespace wolffia::cli::user::doctor
