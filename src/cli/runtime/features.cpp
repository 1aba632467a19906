// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>
#include <vector>

#include "base/version.hpp"
#include "cli/output.hpp"
#include "cli/runtime/commands.hpp"
#include "json/writer.hpp"
#include "oci/memory_policy_names.hpp"
#include "oci/seccomp_names.hpp"
#include "plan/capabilities.hpp"
#include "plan/mount_options.hpp"
#include "plan/seccomp.hpp"
#include "sys/seccomp.hpp"

namespace wolffia::cli::runtime {
namespace {

constexpr std::array<std::string_view, 6> kHooks{
    "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"};
constexpr std::array<std::string_view, 8> kNamespaces{"cgroup", "ipc",  "mount", "network",
                                                      "pid",    "time", "user",  "uts"};
// What a bundle's author can change about the runtime itself: callers may drop these from bundles
// of strangers.
constexpr std::array<std::string_view, 8> kUnsafeAnnotations{
    "org.wolffia.hostname.optional", "org.wolffia.mountpoints", "org.wolffia.resources.optional",
    "run.oci.hooks.stderr",          "run.oci.hooks.stdout",    "run.oci.keep_original_groups",
    "run.oci.pidfd_receiver",        "run.oci.seccomp_bpf_data"};

template <class Names>
void write_names(json::Writer& out, std::string_view key, const Names& names) {
  out.key(key).begin_array();
  for (const std::string_view name : names)
    out.value(name);
  out.end_array();
}

void write_mount_options(json::Writer& out) {
  out.key("mountOptions").begin_array();
  for (const plan::MountOption& option : plan::kMountOptions)
    out.value(option.name);
  out.end_array();
}

void write_seccomp(json::Writer& out) {
  out.key("seccomp").begin_object().member("enabled", true);
  write_names(out, "actions", oci::kSeccompActions);
  write_names(out, "operators", oci::kSeccompOperators);
  write_names(out, "archs", oci::kSeccompArchitectures);
  write_names(out, "knownFlags", oci::kSeccompFlags);
  std::vector<std::string_view> supported;
  for (const std::string_view flag : oci::kSeccompFlags)
    if (sys::knows_seccomp_flags(plan::flags_for(flag))) supported.push_back(flag);
  write_names(out, "supportedFlags", supported);
  out.end_object();
}

void write_switch(json::Writer& out, std::string_view key, bool enabled) {
  out.key(key).begin_object().member("enabled", enabled).end_object();
}

void write_linux(json::Writer& out) {
  out.key("linux").begin_object();
  write_names(out, "namespaces", kNamespaces);
  write_names(out, "capabilities", plan::kCapabilities);
  out.key("cgroup").begin_object();
  out.member("v1", false).member("v2", true).member("systemd", true);
  out.member("systemdUser", true).member("rdma", true);
  out.end_object();
  write_seccomp(out);
  write_switch(out, "apparmor", true);
  write_switch(out, "selinux", true);
  out.key("memoryPolicy").begin_object();
  write_names(out, "modes", oci::kMemoryPolicies);
  write_names(out, "flags", oci::kMemoryPolicyFlags);
  out.end_object();
  out.key("intelRdt").begin_object();
  out.member("enabled", false).member("schemata", false).member("monitoring", false).end_object();
  out.key("mountExtensions").begin_object();
  write_switch(out, "idmap", true);
  out.end_object();
  write_switch(out, "netDevices", true);
  out.end_object();
}

}  // namespace

std::string features_json() {
  json::Writer out("  ");
  out.begin_object();
  out.member("ociVersionMin", kOldestSpecVersion).member("ociVersionMax", kSpecVersion);
  write_names(out, "hooks", kHooks);
  write_mount_options(out);
  write_linux(out);
  out.key("annotations").begin_object();
  out.member("org.wolffia.version", kVersion).member("org.wolffia.commit", kCommit);
  out.end_object();
  write_names(out, "potentiallyUnsafeConfigAnnotations", kUnsafeAnnotations);
  out.end_object();
  return std::move(out).take() + "\n";
}

Result<int> run_features(const Invocation&, int&) {
  TRY(print(features_json()));
  return 0;
}

}  // namespace wolffia::cli::runtime
