// SPDX-License-Identifier: Apache-2.0
#include <sys/personality.h>

#include <algorithm>
#include <array>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

struct NamespaceName {
  std::string_view name;
  NamespaceType type;
};

// runtime-spec config-linux.md, "Namespaces".
constexpr std::array kNamespaces{
    NamespaceName{"pid", NamespaceType::Pid},
    NamespaceName{"network", NamespaceType::Network},
    NamespaceName{"mount", NamespaceType::Mount},
    NamespaceName{"ipc", NamespaceType::Ipc},
    NamespaceName{"uts", NamespaceType::Uts},
    NamespaceName{"user", NamespaceType::User},
    NamespaceName{"cgroup", NamespaceType::Cgroup},
    NamespaceName{"time", NamespaceType::Time},
};

struct DeviceTypeName {
  std::string_view name;
  DeviceType type;
};

// runtime-spec config-linux.md, "Devices": u is an unbuffered character device.
constexpr std::array kDeviceTypes{
    DeviceTypeName{"c", DeviceType::Char},
    DeviceTypeName{"b", DeviceType::Block},
    DeviceTypeName{"u", DeviceType::Char},
    DeviceTypeName{"p", DeviceType::Fifo},
};

// The specification's four and the recursive forms that runc and crun take as well.
constexpr std::array<std::string_view, 8> kPropagations{
    "shared", "slave", "private", "unbindable", "rshared", "rslave", "rprivate", "runbindable",
};

// runtime-spec config-linux.md, "Offset for Time Namespace".
constexpr std::array<const char*, 2> kClocks{"monotonic", "boottime"};

Result<Namespace> parse_namespace(const json::Object& object) {
  const json::Field type = TRY(object.get<json::Field>("type"));
  const std::string_view name = TRY(type.as<std::string_view>());
  const auto known = std::find_if(kNamespaces.begin(), kNamespaces.end(),
                                  [&](const NamespaceName& row) { return row.name == name; });
  if (known == kNamespaces.end()) return not_a(type, "a namespace type", name);
  std::string path;
  TRY(object.read("path", path));
  if (!path.empty() && path.front() != '/')
    return object.invalid("path", "must be an absolute path");
  return Namespace{known->type, std::move(path)};
}

/// runtime-spec config-linux.md, "Namespaces": a duplicate type is an error.
Result<void> read_namespaces(const json::Object& section, std::vector<Namespace>& namespaces) {
  std::vector<json::Object> rows;
  TRY(section.read("namespaces", rows));
  std::array<bool, kNamespaces.size()> seen{};
  for (const json::Object& row : rows) {
    Namespace one = TRY(parse_namespace(row));
    if (std::exchange(seen[static_cast<size_t>(one.type)], true))
      return row.invalid("type", "is the same as in an earlier entry");
    namespaces.push_back(std::move(one));
  }
  return {};
}

Result<Device> parse_device(const json::Object& object) {
  Device device{};
  const json::Field path = TRY(object.get<json::Field>("path"));
  device.path = TRY(parse_absolute_path(path));
  const json::Field type = TRY(object.get<json::Field>("type"));
  const std::string_view name = TRY(type.as<std::string_view>());
  const auto known = std::find_if(kDeviceTypes.begin(), kDeviceTypes.end(),
                                  [&](const DeviceTypeName& row) { return row.name == name; });
  if (known == kDeviceTypes.end()) return not_a(type, "a device type", name);
  device.type = known->type;
  if (device.type != DeviceType::Fifo) {
    device.major = TRY(object.get<uint32_t>("major"));
    device.minor = TRY(object.get<uint32_t>("minor"));
  }
  TRY(object.read("fileMode", device.file_mode));
  if (device.file_mode) *device.file_mode &= 07777U;  // engines add the type bits of stat(2)
  TRY(object.read_integer("uid", device.uid, 0, kMaxId));
  TRY(object.read_integer("gid", device.gid, 0, kMaxId));
  return device;
}

Result<Linux::TimeOffset> parse_time_offset(std::string_view clock, const json::Object& object) {
  Linux::TimeOffset offset;
  offset.clock = clock;
  TRY(object.read("secs", offset.secs));
  TRY(object.read_integer("nanosecs", offset.nanosecs, 0, 999'999'999));
  return offset;
}

Result<void> read_time_offsets(const json::Object& section,
                               std::vector<Linux::TimeOffset>& offsets) {
  std::optional<json::Object> clocks;
  TRY(section.read("timeOffsets", clocks));
  if (!clocks) return {};
  for (const auto& [name, field] : clocks->members()) {
    if (std::find(kClocks.begin(), kClocks.end(), name) == kClocks.end())
      return field.invalid("is no clock of a time namespace: use monotonic or boottime");
    const json::Object object = TRY(field.as<json::Object>());
    offsets.push_back(TRY(parse_time_offset(name, object)));
  }
  return {};
}

Result<uint64_t> parse_personality(const json::Object& object) {
  const json::Field field = TRY(object.get<json::Field>("domain"));
  const std::string_view domain = TRY(field.as<std::string_view>());
  std::vector<std::string> flags;
  TRY(object.read("flags", flags));
  // runtime-spec config-linux.md, "Personality": no flag is defined.
  if (!flags.empty()) return object.invalid("flags", "must be empty");
  if (domain == "LINUX") return uint64_t{PER_LINUX};
  if (domain == "LINUX32") return uint64_t{PER_LINUX32};
  return not_a(field, "LINUX or LINUX32", domain);
}

Result<void> read_absolute_paths(const json::Object& section, std::string_view key,
                                 std::vector<std::string>& paths) {
  return section.read_each(key, paths, parse_absolute_path);
}

Result<void> read_file_system(const json::Object& section, Linux& linux) {
  TRY(section.read_each("devices", linux.devices, parse_device));
  TRY(read_absolute_paths(section, "maskedPaths", linux.masked_paths));
  TRY(read_absolute_paths(section, "readonlyPaths", linux.readonly_paths));
  TRY(section.read("mountLabel", linux.mount_label));
  TRY(section.read("rootfsPropagation", linux.rootfs_propagation));
  const std::string& word = linux.rootfs_propagation;
  if (word.empty()) return {};
  if (std::find(kPropagations.begin(), kPropagations.end(), word) == kPropagations.end())
    return section.invalid("rootfsPropagation", "must be shared, slave, private or unbindable");
  return {};
}

}  // namespace

Result<Linux> parse_linux(const json::Object& section) {
  Linux linux;
  TRY(read_id_maps(section, "uidMappings", linux.uid_mappings));
  TRY(read_id_maps(section, "gidMappings", linux.gid_mappings));
  TRY(read_namespaces(section, linux.namespaces));
  TRY(read_time_offsets(section, linux.time_offsets));
  TRY(read_file_system(section, linux));
  TRY(section.read("sysctl", linux.sysctl));
  TRY(section.read("cgroupsPath", linux.cgroups_path));
  std::optional<json::Object> resources;
  TRY(section.read("resources", resources));
  if (resources) linux.resources = TRY(parse_resources(*resources));
  std::optional<json::Object> seccomp;
  TRY(section.read("seccomp", seccomp));
  if (seccomp) linux.seccomp = TRY(parse_seccomp(*seccomp));
  std::optional<json::Object> personality;
  TRY(section.read("personality", personality));
  if (personality) linux.personality = TRY(parse_personality(*personality));
  std::optional<json::Object> policy;
  TRY(section.read("memoryPolicy", policy));
  if (policy) linux.memory_policy = TRY(parse_memory_policy(*policy));
  TRY(read_net_devices(section, linux.net_devices));
  TRY(read_unsupported(section, linux.unsupported));
  return linux;
}

}  // namespace wolffia::oci
