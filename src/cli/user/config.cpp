// SPDX-License-Identifier: Apache-2.0
#include "cli/user/config.hpp"

#include <cstdlib>

#include "cli/user/defaults.hpp"
#include "cli/user/seccomp_json.hpp"
#include "json/writer.hpp"
#include "plan/default_profile.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

using json::Writer;

bool host_network(const RunRequest& request) {
  return request.network == Network::Host;
}

void write_mount(Writer& out, const FixedMount& mount) {
  out.begin_object().member("destination", mount.target).member("type", mount.type);
  out.member("source", mount.source).key("options").begin_array();
  for (const std::string_view option : mount.options)
    if (!option.empty()) out.value(option);
  out.end_array().end_object();
}

void write_mounts(Writer& out, const RunRequest& request) {
  out.key("mounts").begin_array();
  for (const FixedMount& mount : kMounts)
    write_mount(out, mount);
  write_mount(out, host_network(request) ? kHostSysfs : kOwnSysfs);
  if (request.readonly)
    for (const FixedMount& mount : kScratchMounts)
      write_mount(out, mount);
  if (host_network(request)) {
    // Names resolve inside as they do outside.
    for (const char* file : {"/etc/resolv.conf", "/etc/hosts"})
      if (sys::stat_at(sys::cwd(), file)) write_volume(out, {file, file, true});
  }
  for (const Volume& volume : request.volumes)
    write_volume(out, volume);
  out.end_array();
}

std::vector<std::string> environment(const RunRequest& request) {
  std::vector<std::string> env{std::string(kPath)};
  for (const char* name : kPassedVariables)
    if (const char* value = ::getenv(name)) env.push_back(cat(name, "=", value));
  env.insert(env.end(), request.env.begin(), request.env.end());
  return env;
}

void write_capabilities(Writer& out) {
  out.key("capabilities").begin_object();
  for (const char* set : {"bounding", "effective", "permitted"}) {
    out.key(set).begin_array();
    for (const char* capability : kCapabilities)
      out.value(capability);
    out.end_array();
  }
  out.end_object();
}

void write_process(Writer& out, const RunRequest& request) {
  const std::vector<std::string> shell{"/bin/sh"};
  out.key("process").begin_object().member("terminal", request.terminal);
  out.key("user").begin_object().member("uid", 0).member("gid", 0).end_object();
  out.member("args", request.command.empty() ? shell : request.command);
  out.member("env", environment(request));
  out.member("cwd", request.workdir.empty() ? std::string("/") : request.workdir);
  write_capabilities(out);
  out.member("noNewPrivileges", true).end_object();
}

void write_linux(Writer& out, const RunRequest& request) {
  out.key("linux").begin_object().key("namespaces").begin_array();
  for (const char* type : {"pid", "ipc", "uts", "mount", "cgroup"})
    out.begin_object().member("type", type).end_object();
  if (!host_network(request)) out.begin_object().member("type", "network").end_object();
  out.end_array();
  out.key("maskedPaths").begin_array();
  for (const char* path : kMaskedPaths)
    out.value(path);
  out.end_array().key("readonlyPaths").begin_array();
  for (const char* path : kReadonlyPaths)
    out.value(path);
  out.end_array().key("seccomp");
  write_seccomp(out, plan::default_profile());
  out.end_object();
}

}  // namespace

void write_volume(Writer& out, const Volume& volume) {
  out.begin_object().member("destination", volume.target).member("type", "bind");
  out.member("source", volume.source).key("options").begin_array();
  out.value("rbind").value("rprivate").value("nosuid").value("nodev");
  out.value(volume.readonly ? "rro" : "rw").end_array().end_object();
}

std::string config_for_directory(const RunRequest& request) {
  Writer out;
  out.begin_object().member("ociVersion", "1.2.0");
  write_process(out, request);
  out.key("root").begin_object().member("path", request.directory);
  out.member("readonly", request.readonly).end_object();
  out.member("hostname", request.hostname.empty() ? std::string("wolffia") : request.hostname);
  write_mounts(out, request);
  write_linux(out, request);
  out.end_object();
  return std::move(out).take();
}

}  // namespace wolffia::cli::user
