// SPDX-License-Identifier: Apache-2.0
#include <limits.h>
#include <linux/capability.h>

#include <algorithm>

#include "base/quote.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

bool has(const oci::Spec& spec, oci::NamespaceType type) {
  return spec.find_namespace(type) != nullptr;
}

Error needs_uts(std::string_view field) {
  return Error::because(EINVAL, cat(field, " needs a uts namespace: add {\"type\": \"uts\"} to ",
                                    "linux.namespaces, or leave it out"));
}

/// Source: sethostname(2), HOST_NAME_MAX.
Result<void> check_name(std::string_view field, const std::string& name) {
  if (name.size() <= HOST_NAME_MAX) return {};
  return Error::because(EINVAL, cat(field, " must have at most ", int{HOST_NAME_MAX}, " bytes"));
}

}  // namespace

bool Plan::creates(oci::NamespaceType type) const {
  if (type == oci::NamespaceType::User) return user.how == UserNamespacePlan::How::New;
  return std::any_of(namespaces.begin(), namespaces.end(),
                     [&](const NamespacePlan& ns) { return ns.type == type && ns.path.empty(); });
}

bool Plan::joins_any() const {
  return user.how == UserNamespacePlan::How::Join ||
         std::any_of(namespaces.begin(), namespaces.end(),
                     [](const NamespacePlan& ns) { return !ns.path.empty(); });
}

Result<std::vector<NamespacePlan>> plan_namespaces(const oci::Spec& spec) {
  std::vector<NamespacePlan> namespaces;
  for (const oci::Namespace& ns : spec.linux.namespaces) {
    if (ns.type != oci::NamespaceType::User) namespaces.push_back({ns.type, ns.path});
  }
  // Inheriting it would put every mount of the bundle on the host.
  if (!has(spec, oci::NamespaceType::Mount)) {
    return Error::because(EINVAL,
                          "linux.namespaces lacks a mount namespace, without which the "
                          "mounts would land on the host: add {\"type\": \"mount\"}");
  }
  return namespaces;
}

Result<void> plan_names(const oci::Spec& spec, Plan& plan) {
  if (!has(spec, oci::NamespaceType::Uts)) {
    if (!spec.hostname.empty()) return needs_uts("hostname");
    if (!spec.domainname.empty()) return needs_uts("domainname");
  }
  TRY(check_name("hostname", spec.hostname));
  TRY(check_name("domainname", spec.domainname));
  plan.hostname = spec.hostname;
  plan.hostname_optional = annotated(spec, "org.wolffia.hostname.optional");
  plan.domainname = spec.domainname;
  return {};
}

Result<std::vector<oci::Linux::TimeOffset>> plan_time_offsets(const oci::Spec& spec) {
  if (spec.linux.time_offsets.empty()) return spec.linux.time_offsets;
  const oci::Namespace* time = spec.find_namespace(oci::NamespaceType::Time);
  if (time && time->path.empty()) return spec.linux.time_offsets;
  // Offsets are written before the first process enters: time_namespaces(7).
  return Error::because(EINVAL,
                        "linux.timeOffsets needs a new time namespace: add "
                        "{\"type\": \"time\"} without a path to linux.namespaces");
}

/// That the caller is privileged does not say that the devices are its own: the kernel does.
Result<std::vector<oci::NetDevice>> plan_net_devices(const oci::Spec& spec, const Host& host) {
  const std::vector<oci::NetDevice>& devices = spec.linux.net_devices;
  if (devices.empty()) return devices;
  if (!host.privileged || (host.capabilities >> CAP_NET_ADMIN & 1U) == 0)
    return Error::because(ENOTSUP,
                          cat("linux.netDevices can't be carried out: ", kNoRightsOverDevices));
  if (!has(spec, oci::NamespaceType::Network))
    return Error::because(EINVAL,
                          "linux.netDevices needs a network namespace that devices can move to: "
                          "add {\"type\": \"network\"} to linux.namespaces");
  for (auto device = devices.begin(); device != devices.end(); ++device)
    if (std::count_if(devices.begin(), device, [&](const oci::NetDevice& other) {
          return other.inside == device->inside && !other.is_numbered();
        }) > 0)
      return Error::because(EINVAL, cat("linux.netDevices gives ", quoted(device->inside),
                                        " to two devices as their name"));
  return devices;
}

}  // namespace wolffia::plan
