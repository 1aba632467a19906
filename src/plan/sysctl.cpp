// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/quote.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

struct SysctlRule {
  std::string_view path;  // below /proc/sys; with a "/" at its end: everything below
  oci::NamespaceType ns;
  std::string_view ns_name;
};

/// What a namespace has of its own in /proc/sys. Source: ipc_namespaces(7), network_namespaces(7),
/// uts_namespaces(7).
constexpr std::array kNamespaced{
    SysctlRule{"net/", oci::NamespaceType::Network, "network"},
    SysctlRule{"kernel/msgmax", oci::NamespaceType::Ipc, "ipc"},
    SysctlRule{"kernel/msgmnb", oci::NamespaceType::Ipc, "ipc"},
    SysctlRule{"kernel/msgmni", oci::NamespaceType::Ipc, "ipc"},
    SysctlRule{"kernel/sem", oci::NamespaceType::Ipc, "ipc"},
    SysctlRule{"kernel/shmall", oci::NamespaceType::Ipc, "ipc"},
    SysctlRule{"kernel/shmmax", oci::NamespaceType::Ipc, "ipc"},
    SysctlRule{"kernel/shmmni", oci::NamespaceType::Ipc, "ipc"},
    SysctlRule{"kernel/shm_rmid_forced", oci::NamespaceType::Ipc, "ipc"},
    SysctlRule{"fs/mqueue/", oci::NamespaceType::Ipc, "ipc"},
    SysctlRule{"kernel/hostname", oci::NamespaceType::Uts, "uts"},
    SysctlRule{"kernel/domainname", oci::NamespaceType::Uts, "uts"},
};

/// "net.ipv4.conf.eth0/1.rp_filter" and "net/ipv4/conf/eth0.1/rp_filter" are one: whichever of
/// "." and "/" comes first separates, the other stands for "." in a name. Source: sysctl(8).
std::string path_of(std::string key) {
  const size_t first = key.find_first_of("./");
  if (first == std::string::npos || key[first] == '/') return key;
  for (char& c : key)
    c = c == '.' ? '/' : c == '/' ? '.' : c;
  return key;
}

/// "net.//.kernel.core_pattern" would leave net/ by its "..".
bool stays_below(std::string_view path) {
  return clean_path(path).substr(1) == path;
}

const SysctlRule* find_rule(std::string_view path) {
  const auto* rule = std::find_if(kNamespaced.begin(), kNamespaced.end(), [&](const auto& row) {
    return row.path.ends_with('/') ? path.starts_with(row.path) : path == row.path;
  });
  return rule == kNamespaced.end() ? nullptr : rule;
}

/// The name a uts namespace carries: set by its system call, which works in a user namespace,
/// where the file in /proc/sys stays root's.
Result<void> take_name(std::string& name, const std::string& value, std::string_view key) {
  if (!name.empty() && name != value) {
    return Error::because(EINVAL, cat("linux.sysctl ", shown(key), " says ", quoted(value),
                                      ", but the bundle's own field says ", quoted(name)));
  }
  name = value;
  return {};
}

}  // namespace

Result<void> plan_sysctl(const oci::Spec& spec, Plan& plan) {
  for (const auto& [key, value] : spec.linux.sysctl) {
    std::string path = path_of(key);
    const SysctlRule* rule = stays_below(path) ? find_rule(path) : nullptr;
    if (!rule) {
      return Error::because(EINVAL,
                            cat("linux.sysctl ", shown(key), " is not part of any namespace: it ",
                                "would change the host"));
    }
    if (!spec.find_namespace(rule->ns)) {
      return Error::because(EINVAL, cat("linux.sysctl ", shown(key), " needs a ", rule->ns_name,
                                        " namespace: without it the host would change"));
    }
    if (path == "kernel/hostname") {
      TRY(take_name(plan.hostname, value, key));
    } else if (path == "kernel/domainname") {
      TRY(take_name(plan.domainname, value, key));
    } else {
      plan.sysctl.emplace_back(std::move(path), value);
    }
  }
  return {};
}

}  // namespace wolffia::plan
