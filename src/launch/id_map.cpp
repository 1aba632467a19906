// SPDX-License-Identifier: Apache-2.0
#include "launch/id_map.hpp"

#include <unistd.h>

#include <algorithm>
#include <span>

#include "base/version.hpp"
#include "plan/subid.hpp"
#include "sys/attributes.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace wolffia::launch {
namespace {

using plan::UserNamespacePlan;
using Maps = std::vector<oci::IdMap>;

constexpr size_t kMapFileLimit = 65536;  // the kernel takes 340 lines at most

std::string render(std::span<const oci::IdMap> maps) {
  std::string lines;
  for (const oci::IdMap& map : maps)
    lines += cat(map.container, " ", map.host, " ", map.size, "\n");
  return lines;
}

// `who` is "self" or a pid.

Result<void> deny_setgroups(std::string_view who) {
  const std::string path = cat("/proc/", who, "/setgroups");
  TRY(sys::write_existing(sys::cwd(), path.c_str(), "deny"), "writing ", path);
  return {};
}

/// In one write(2), as the kernel demands.
Result<void> write_map(std::string_view who, const char* name, const Maps& maps) {
  const std::string path = cat("/proc/", who, "/", name);
  TRY(sys::write_existing(sys::cwd(), path.c_str(), render(maps)), "writing ", path);
  return {};
}

Result<void> write_maps(std::string_view who, const UserNamespacePlan& user) {
  if (user.deny_setgroups) TRY(deny_setgroups(who));
  TRY(write_map(who, "uid_map", user.uid_map));
  return write_map(who, "gid_map", user.gid_map);
}

/// One of newuidmap and newgidmap while it runs.
struct Helper {
  const char* path;
  sys::PidFd process{};
  sys::Fd words{};  // its standard error
};

Result<Helper> start_helper(const char* path, pid_t pid, const Maps& maps) {
  std::vector<std::string> args{path, cat(pid)};
  for (const oci::IdMap& map : maps)
    for (const uint32_t number : {map.container, map.host, map.size})
      args.push_back(cat(number));
  auto pipe = TRY(sys::make_pipe(0));
  sys::Program program{.path = path, .args = args, .env = {}};
  program.stderr_fd = pipe.second.get();
  Helper helper{.path = path};
  helper.process = TRY(sys::spawn(program), path);
  helper.words = std::move(pipe.first);
  return helper;
}

Result<void> finish_helper(const Helper& helper) {
  constexpr size_t kWordsLimit = 4096;
  auto words = sys::read_all(helper.words, kWordsLimit);
  const sys::Ended ended = TRY(sys::wait_for(helper.process));
  if (ended.status() == 0) return {};
  std::string said = words ? std::move(words).value() : std::string();
  while (!said.empty() && std::isspace(static_cast<unsigned char>(said.back())) != 0)
    said.pop_back();
  std::replace(said.begin(), said.end(), '\n', ' ');
  return Error::because(EPERM, cat(helper.path, " exited with status ", ended.status(),
                                   said.empty() ? "" : ": ", said));
}

/// The kernel shows more than five lines in the order of their ids inside.
Maps sorted(Maps maps) {
  std::ranges::sort(maps, {}, &oci::IdMap::container);
  return maps;
}

/// The helpers' word is not enough: what the kernel has must be what the plan says (I5).
Result<void> read_back(pid_t pid, const char* name, const Maps& expected) {
  const std::string path = cat("/proc/", pid, "/", name);
  const std::string text = TRY(sys::read_file(sys::cwd(), path.c_str(), kMapFileLimit), path);
  if (sorted(plan::parse_id_map_file(text)) == sorted(expected)) return {};
  return Error::because(EPERM, cat(path, " does not hold what was asked for"));
}

Result<void> map_by_helpers(pid_t pid, const UserNamespacePlan& user) {
  const Helper uids = TRY(start_helper(kNewuidmap, pid, user.uid_map));
  auto gids = start_helper(kNewgidmap, pid, user.gid_map);
  TRY(finish_helper(uids));
  if (!gids) return std::move(gids).error();
  TRY(finish_helper(*gids));
  TRY(read_back(pid, "uid_map", user.uid_map));
  return read_back(pid, "gid_map", user.gid_map);
}

/// Writes a map of one id, unless a helper has written that map: the kernel takes each only once.
Result<void> map_one_id(pid_t pid, const UserNamespacePlan& user) {
  const auto missing = [&](const char* name) -> Result<bool> {
    const std::string path = cat("/proc/", pid, "/", name);
    const std::string text = TRY(sys::read_file(sys::cwd(), path.c_str(), kMapFileLimit), path);
    return plan::parse_id_map_file(text).empty();
  };
  const bool no_uids = TRY(missing("uid_map"));
  const bool no_gids = TRY(missing("gid_map"));
  const std::string who = cat(pid);
  if (no_uids) TRY(write_map(who, "uid_map", {user.one_uid}));
  if (!no_gids) return {};
  TRY(deny_setgroups(who));
  return write_map(who, "gid_map", {user.one_gid});
}

bool maps_zero(const Maps& maps) {
  return std::any_of(maps.begin(), maps.end(),
                     [](const oci::IdMap& map) { return map.container == 0; });
}

}  // namespace

Result<void> write_own_maps(const UserNamespacePlan& user) {
  return write_maps("self", user);
}

Result<void> write_maps_for_mount(pid_t pid, const plan::MountIdMap& map) {
  const std::string who = cat(pid);
  TRY(write_map(who, "uid_map", map.uid_map));
  return write_map(who, "gid_map", map.gid_map);
}

Result<MapsWritten> write_maps_of(pid_t pid, const UserNamespacePlan& user) {
  if (user.writer == plan::MapWriter::Parent) {
    TRY(write_maps(cat(pid), user));
    return MapsWritten{};
  }
  auto mapped = map_by_helpers(pid, user);
  if (mapped) return MapsWritten{};
  if (!user.may_fall_back) return std::move(mapped).error();
  TRY(map_one_id(pid, user), mapped.error().message());
  return MapsWritten{.one_id = true,
                     .notice = cat("only one uid and gid exist inside: ", mapped.error().message(),
                                   "; check the ranges in /etc/subuid and /etc/subgid and that "
                                   "newuidmap and newgidmap are setuid root")};
}

Result<void> become_mapped_root(const UserNamespacePlan& user) {
  const bool joined = user.how == UserNamespacePlan::How::Join;
  // We may write a map ourselves only of the ids we have: they are root's already, or there is
  // none.
  if (!joined && user.writer == plan::MapWriter::Child) return {};
  if ((joined || maps_zero(user.gid_map)) && ::getgid() != 0) {
    auto done = sys::set_group(0);
    if (!done && !(joined && done.error().is(EINVAL))) return done;  // not mapped there
  }
  if ((joined || maps_zero(user.uid_map)) && ::getuid() != 0) {
    auto done = sys::set_user(0);
    if (!done && !(joined && done.error().is(EINVAL))) return done;
  }
  return {};
}

}  // namespace wolffia::launch
