// SPDX-License-Identifier: Apache-2.0
#include "launch/probe.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "base/version.hpp"
#include "plan/labels.hpp"
#include "plan/subid.hpp"
#include "sys/caps.hpp"
#include "sys/credentials.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"
#include "sys/process.hpp"

namespace wolffia::launch {
namespace {

using plan::Host;
using plan::MapHelper;

/// /etc/passwd and /etc/subuid of a large site; more is no such file.
constexpr size_t kMaxTable = size_t{16} << 20;
constexpr size_t kMaxProcFile = size_t{64} << 10;

/// A directory service that does not answer must not keep a container from starting.
constexpr std::chrono::seconds kServicePatience{5};

/// The file's text; empty where there is none, as an absent table says nothing.
std::string read_table(const char* path) {
  auto text = sys::read_file(sys::cwd(), path, kMaxTable);
  return text ? std::move(text).value() : std::string();
}

bool maps_only(const std::vector<oci::IdMap>& map, uint32_t own) {
  return map.size() == 1 && map[0].size == 1 && map[0].host == own;
}

/// Whether the bundle asks for nothing but the caller's own ids: then nothing else matters.
bool brings_own_ids(const oci::Spec& spec, const Host& host) {
  return maps_only(spec.linux.uid_mappings, host.uid) &&
         maps_only(spec.linux.gid_mappings, host.gid);
}

bool brings_no_ids(const oci::Spec& spec) {
  return spec.linux.uid_mappings.empty() || spec.linux.gid_mappings.empty();
}

Result<void> probe_namespace(Host& host) {
  const std::string uids = TRY(sys::read_file(sys::cwd(), "/proc/self/uid_map", kMaxProcFile));
  const std::string gids = TRY(sys::read_file(sys::cwd(), "/proc/self/gid_map", kMaxProcFile));
  host.uid_map = plan::parse_id_map_file(uids);
  host.gid_map = plan::parse_id_map_file(gids);
  // Only the initial namespace, and one made to look like it, maps every id onto itself.
  constexpr oci::IdMap kEverything{0, 0, UINT32_MAX};
  if (host.uid_map.size() == 1 && host.uid_map[0] == kEverything) return {};
  const std::string groups =
      TRY(sys::read_record(sys::cwd(), "/proc/self/setgroups", kMaxProcFile));
  host.setgroups_denied = groups.starts_with("deny");
  return {};
}

MapHelper probe_helper(const char* path, bool no_new_privileges) {
  const auto rights = sys::exec_rights(path);
  if (!rights) return MapHelper::Missing;
  if (!rights->setuid_root && !rights->capabilities) return MapHelper::NotSetuid;
  if (no_new_privileges) return MapHelper::NoNewPrivs;
  return rights->nosuid ? MapHelper::NosuidMount : MapHelper::Usable;
}

Result<void> probe_helpers(Host& host) {
  const bool no_new_privileges = TRY(sys::has_no_new_privileges());
  host.newuidmap = probe_helper(kNewuidmap, no_new_privileges);
  host.newgidmap = probe_helper(kNewgidmap, no_new_privileges);
  return {};
}

/// The name to look the user up by. A user of a directory service is not in /etc/passwd; the
/// environment may lie about the name, but newuidmap(1) finds it itself before it maps anything.
std::string lookup_name(const Host& host) {
  if (!host.user_name.empty()) return host.user_name;
  for (const char* const variable : {"LOGNAME", "USER"}) {
    const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): no threads
    if (value && *value && *value != '-') return value;
  }
  return cat(host.uid);
}

/// What getsubids(1) says, or nothing.
Result<std::string> ask_getsubids(std::span<const std::string> args) {
  auto [reading, writing] = TRY(sys::make_pipe(0));
  const sys::Fd nowhere = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDWR));
  sys::Program program;
  program.path = kGetsubids;
  program.args = args;
  program.stdin_fd = nowhere.get();
  program.stdout_fd = writing.get();
  program.stderr_fd = nowhere.get();
  const sys::PidFd process = TRY(sys::spawn(program));
  writing.reset();
  const bool ended = TRY(sys::ended_within(process, kServicePatience));
  if (!ended) TRY(sys::send_signal(process, SIGKILL));
  TRY(sys::wait_for(process));
  if (!ended) return std::string();
  return sys::read_all(reading, kMaxProcFile);
}

std::vector<plan::SubidRange> ask_directory(const std::string& user, bool groups) {
  std::vector<std::string> args{"getsubids"};
  if (groups) args.emplace_back("-g");
  args.push_back(user);
  const auto output = ask_getsubids(args);
  return output ? plan::parse_getsubids(*output) : std::vector<plan::SubidRange>();
}

void probe_subids(Host& host) {
  host.user_name = plan::find_user_name(read_table("/etc/passwd"), host.uid);
  const std::string user = lookup_name(host);
  const std::string uids = read_table("/etc/subuid");
  const std::string gids = read_table("/etc/subgid");
  host.sub_uids = plan::parse_subid(uids, user, host.uid);
  host.sub_gids = plan::parse_subid(gids, user, host.uid);
  host.free_subid = std::max(plan::first_free_subid(uids), plan::first_free_subid(gids));
  if (!host.sub_uids.empty() && !host.sub_gids.empty()) return;
  if (!plan::subids_are_elsewhere(read_table("/etc/nsswitch.conf"))) return;
  if (host.sub_uids.empty()) host.sub_uids = ask_directory(user, false);
  if (host.sub_gids.empty()) host.sub_gids = ask_directory(user, true);
}

}  // namespace

Result<Host> probe_host(const oci::Spec& spec) {
  Host host;
  host.uid = sys::effective_uid();
  host.gid = sys::effective_gid();
  host.capabilities = TRY(sys::effective_capabilities());
  host.privileged = (host.capabilities >> CAP_SYS_ADMIN & 1) != 0;
  if (plan::names_labels(spec)) host.modules = probe_security_modules();
  const oci::Namespace* user = spec.find_namespace(oci::NamespaceType::User);
  const bool joined = user && !user->path.empty();  // its ids are its own
  if (joined && host.uid != 0) return host;
  if (!host.privileged && brings_own_ids(spec, host)) return host;
  TRY(probe_namespace(host), "the current user namespace");
  if (host.privileged || joined) return host;
  TRY(probe_helpers(host), "newuidmap");
  if (brings_no_ids(spec)) probe_subids(host);
  return host;
}

plan::SecurityModules probe_security_modules() {
  plan::SecurityModules modules;
  const auto selinux = sys::open_at(sys::cwd(), "/sys/fs/selinux", O_PATH | O_DIRECTORY);
  const auto type = selinux ? sys::filesystem_type(*selinux) : Result<uint64_t>(selinux.error());
  modules.selinux = type && *type == SELINUX_MAGIC;
  modules.apparmor = read_table("/sys/module/apparmor/parameters/enabled").starts_with('Y');
  return modules;
}

}  // namespace wolffia::launch
