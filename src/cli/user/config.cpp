// SPDX-License-Identifier: Apache-2.0
#include "cli/user/config.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>

#include "cli/user/defaults.hpp"
#include "cli/user/owners/call.hpp"
#include "cli/user/seccomp_json.hpp"
#include "json/writer.hpp"
#include "plan/capabilities.hpp"
#include "plan/default_profile.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

using json::Writer;

bool host_network(const RunRequest& request) {
  return request.network == Network::Host;
}

void write_fixed(Writer& out, const FixedMount& mount, std::string_view more = {}) {
  out.begin_object().member("destination", mount.target).member("type", mount.type);
  out.member("source", mount.source).key("options").begin_array();
  for (const std::string_view option : mount.options)
    if (!option.empty()) out.value(option);
  if (!more.empty()) out.value(more);
  out.end_array().end_object();
}

/// A file of ours, or of the host, in place of the root's.
void write_file(Writer& out, std::string_view source, std::string_view target,
                const char* executable = "noexec") {
  oci::Mount mount;
  mount.destination = target;
  mount.type = "bind";
  mount.source = source;
  mount.options = {"bind", "rprivate", "nosuid", "nodev", "ro", executable};
  write_mount(out, mount);
}

/// With the host's network names resolve inside as they do outside.
void write_network_files(Writer& out, const RunRequest& request, const Ground& ground) {
  const auto one = [&](const std::string& ours, const char* path) {
    if (!ours.empty())
      write_file(out, ours, path);
    else if (host_network(request) && sys::stat_at(sys::cwd(), path))
      write_file(out, path, path);
  };
  one(ground.resolv_conf, "/etc/resolv.conf");
  one(ground.hosts, "/etc/hosts");
}

void write_mounts(Writer& out, const RunRequest& request, const Ground& ground) {
  out.key("mounts").begin_array();
  const std::string size = request.shm_size == 0 ? std::string() : cat("size=", request.shm_size);
  for (const FixedMount& mount : kMounts)
    write_fixed(out, mount, mount.target == "/dev/shm" ? size : std::string());
  write_fixed(out, host_network(request) ? kHostSysfs : kOwnSysfs);
  if (request.readonly) {
    for (const FixedMount& mount : kScratchMounts)
      write_fixed(out, mount);
    for (const std::string& volume : ground.volumes)
      write_fixed(out, {volume, "tmpfs", "tmpfs", {"nosuid", "nodev"}});
  }
  write_network_files(out, request, ground);
  if (!ground.passwd.empty()) write_file(out, ground.passwd, "/etc/passwd");
  if (!ground.group.empty()) write_file(out, ground.group, "/etc/group");
  if (request.init) write_file(out, ground.init_program, kInitPath, "exec");
  for (const oci::Mount& mount : request.mounts)
    write_mount(out, mount);
  out.end_array();
}

/// Sets NAME=VALUE in place of what NAME was.
void set_variable(std::vector<std::string>& env, const std::string& variable) {
  const std::string_view name(variable.data(), variable.find('=') + 1);
  const auto known = std::find_if(env.begin(), env.end(),
                                  [&](const std::string& one) { return one.starts_with(name); });
  if (known == env.end())
    env.push_back(variable);
  else
    *known = variable;
}

/// Later ones win: what is usual, the host's few, the image's, those of the command line.
std::vector<std::string> environment(const RunRequest& request, const Ground& ground) {
  std::vector<std::string> env{std::string(kPath)};
  for (const char* name : kPassedVariables) {
    const char* value = request.clean_env ? nullptr : ::getenv(name);  // NOLINT: no threads
    if (value) set_variable(env, cat(name, "=", value));
  }
  for (const std::string& variable : ground.env)
    set_variable(env, variable);
  if (!request.home.empty()) set_variable(env, cat("HOME=", request.home));
  for (const std::string& variable : request.env)
    set_variable(env, variable);
  return env;
}

void write_capabilities(Writer& out, const RunRequest& request) {
  const std::vector<std::string> chosen = chosen_capabilities(request.cap_add, request.cap_drop);
  out.key("capabilities").begin_object();
  for (const char* set : {"bounding", "effective", "permitted"})
    out.member(set, chosen);
  out.end_object();
}

/// The profile allows calls that a capability is asked for by name.
uint64_t capability_bits(const RunRequest& request) {
  const std::vector<std::string> chosen = chosen_capabilities(request.cap_add, request.cap_drop);
  uint64_t bits = 0;
  for (size_t i = 0; i < plan::kCapabilities.size(); ++i)
    if (std::find(chosen.begin(), chosen.end(), plan::kCapabilities[i]) != chosen.end())
      bits |= uint64_t{1} << i;
  return bits;
}

void write_user(Writer& out, const oci::User& user) {
  out.key("user").begin_object().member("uid", user.uid).member("gid", user.gid);
  if (!user.additional_gids.empty()) {
    out.key("additionalGids").begin_array();
    for (const uint32_t gid : user.additional_gids)
      out.value(gid);
    out.end_array();
  }
  out.end_object();
}

void write_rlimits(Writer& out, const std::vector<Ulimit>& limits) {
  if (limits.empty()) return;
  out.key("rlimits").begin_array();
  for (const Ulimit& limit : limits) {
    out.begin_object().member("type", limit.type).member("soft", limit.soft);
    out.member("hard", limit.hard).end_object();
  }
  out.end_array();
}

void write_process(Writer& out, const RunRequest& request, const Ground& ground) {
  std::vector<std::string> args = ground.args;
  if (args.empty()) args.emplace_back("/bin/sh");
  if (request.init) args.insert(args.begin(), {std::string(kInitPath), "--"});
  const std::string& workdir = request.workdir.empty() ? ground.workdir : request.workdir;
  out.key("process").begin_object().member("terminal", request.terminal);
  write_user(out, ground.user);
  out.member("args", args).member("env", environment(request, ground));
  out.member("cwd", workdir.empty() ? std::string("/") : workdir);
  write_capabilities(out, request);
  write_rlimits(out, ground.limits.rlimits);
  out.member("noNewPrivileges", request.no_new_privileges).end_object();
}

void write_id_map(Writer& out, std::string_view name, const oci::IdMap& map) {
  out.key(name).begin_array().begin_object().member("containerID", map.container);
  out.member("hostID", map.host).member("size", map.size).end_object().end_array();
}

void write_paths(Writer& out, std::string_view name, std::span<const char* const> paths) {
  out.key(name).begin_array();
  for (const char* path : paths)
    out.value(path);
  out.end_array();
}

/// What tells of the calls that need somebody to note owners stands in front: of two rules for one
/// call the first counts. A filter of the caller's that has a listener of its own is left alone.
void write_filter(Writer& out, const RunRequest& request, const Ground& ground) {
  if (!request.seccomp.confined) return;
  oci::Seccomp profile =
      ground.seccomp ? *ground.seccomp : plan::default_profile(capability_bits(request));
  if (!ground.owners_socket.empty() && profile.listener_path.empty()) {
    const std::vector<oci::SeccompRule> rules = owners::notifying_rules();
    profile.syscalls.insert(profile.syscalls.begin(), rules.begin(), rules.end());
    profile.listener_path = ground.owners_socket;
  }
  out.key("seccomp");
  write_seccomp(out, profile);
}

/// Swap is limited to as much again, as podman and docker have it.
void write_resources(Writer& out, const LimitPlan& plan) {
  const Limits& limits = plan.by_cgroup;
  if (plan.kept.empty()) return;
  out.key("resources").begin_object();
  if (limits.memory != 0) {
    out.key("memory").begin_object().member("limit", limits.memory);
    if (plan.limits_swap) out.member("swap", limits.memory * 2);
    out.end_object();
  }
  if (limits.cpu_thousandths != 0) {
    out.key("cpu").begin_object().member("quota", cpu_quota(limits.cpu_thousandths));
    out.member("period", kCpuPeriod).end_object();
  }
  if (limits.pids != 0) out.key("pids").begin_object().member("limit", limits.pids).end_object();
  out.end_object();
}

void write_linux(Writer& out, const RunRequest& request, const Ground& ground) {
  out.key("linux").begin_object().key("namespaces").begin_array();
  for (const char* type : {"pid", "ipc", "uts", "mount", "cgroup"})
    out.begin_object().member("type", type).end_object();
  if (!host_network(request) && (!ground.is_connected || request.dry_run))
    out.begin_object().member("type", "network").end_object();
  if (ground.uid_map) {
    out.begin_object().member("type", "user");
    if (!ground.user_namespace.empty()) out.member("path", ground.user_namespace);
    out.end_object();
  }
  out.end_array();
  if (ground.uid_map) write_id_map(out, "uidMappings", *ground.uid_map);
  if (ground.gid_map) write_id_map(out, "gidMappings", *ground.gid_map);
  write_paths(out, "maskedPaths", kMaskedPaths);
  write_paths(out, "readonlyPaths", kReadonlyPaths);
  write_filter(out, request, ground);
  write_resources(out, ground.limits);
  out.end_object();
}

void write_annotations(Writer& out, const RunRequest& request, const Ground& ground) {
  out.key("annotations").begin_object();
  if (request.hostname.empty()) out.member("org.wolffia.hostname.optional", "true");
  if (!ground.limits.kept.empty() && !request.limits.strict)
    out.member("org.wolffia.resources.optional", "true");
  for (const auto& [key, value] : ground.annotations)
    out.member(key, value);
  if (request.keep_groups) out.member("run.oci.keep_original_groups", "1");
  out.end_object();
}

}  // namespace

void write_mount(Writer& out, const oci::Mount& mount) {
  out.begin_object().member("destination", mount.destination).member("type", mount.type);
  out.member("source", mount.source).member("options", mount.options).end_object();
}

std::vector<std::string> chosen_capabilities(const std::vector<std::string>& add,
                                             const std::vector<std::string>& drop) {
  const auto has = [](const std::vector<std::string>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  std::vector<std::string> chosen;
  if (has(add, "ALL"))
    for (const std::string_view name : plan::kCapabilities)
      if (!has(drop, name)) chosen.emplace_back(name);
  if (!has(add, "ALL") && !has(drop, "ALL"))
    for (const char* name : kCapabilities)
      if (!has(drop, name)) chosen.emplace_back(name);
  for (const std::string& name : add)
    if (name != "ALL" && !has(chosen, name)) chosen.push_back(name);
  return chosen;
}

std::string config_for_root(const RunRequest& request, const Ground& ground) {
  Writer out;
  out.begin_object().member("ociVersion", "1.2.0");
  write_process(out, request, ground);
  out.key("root").begin_object().member("path", ground.root);
  out.member("readonly", request.readonly || ground.readonly).end_object();
  out.member("hostname", request.hostname.empty() ? std::string("wolffia") : request.hostname);
  write_mounts(out, request, ground);
  write_annotations(out, request, ground);
  write_linux(out, request, ground);
  out.end_object();
  return std::move(out).take();
}

}  // namespace wolffia::cli::user
