// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "json/field.hpp"
#include "oci/runtime_spec.hpp"

/// The parsers of the specification's parts, one file each: parse_SUBJECT.cpp. All return EINVAL
/// with a sentence that names the field.
namespace wolffia::oci {

/// The largest user or group id: the next one, 4294967295, means "no change" to the kernel, and a
/// process asked to run as it would stay what it is. Source: setresuid(2), chown(2).
inline constexpr uint32_t kMaxId = UINT32_MAX - 1;

Result<Process> parse_process_object(const json::Object& process);
Result<Mount> parse_mount(const json::Object& mount);
Result<Hooks> parse_hooks(const json::Object& hooks);
Result<Linux> parse_linux(const json::Object& section);
Result<MemoryPolicy> parse_memory_policy(const json::Object& policy);
Result<Resources> parse_resources(const json::Object& resources);
Result<DeviceRule> parse_device_rule(const json::Object& rule);
/// Its values: everything in Resources but `asked`.
Result<void> read_limits(const json::Object& object, Resources& resources);
/// The member "netDevices"; a device without a name inside keeps its own.
Result<void> read_net_devices(const json::Object& section, std::vector<NetDevice>& devices);
/// Checks the sections of "linux" that this release does not carry out and notes those that ask
/// for something ("linux.intelRdt").
Result<void> read_unsupported(const json::Object& section, std::vector<std::string>& unsupported);
/// Leaves Seccomp::source empty.
Result<Seccomp> parse_seccomp(const json::Object& seccomp);

/// The optional member `key`, an array of mappings of which no two overlap.
Result<void> read_id_maps(const json::Object& parent, std::string_view key,
                          std::vector<IdMap>& maps);

/// The value of a required or optional path that has to start with "/".
Result<std::string> parse_absolute_path(const json::Field& field);

/// The value of `field`, which has to be one of `words`: `what` names them ("a seccomp action").
Result<std::string> parse_word(const json::Field& field, std::span<const std::string_view> words,
                               std::string_view what);

/// The error that `field` holds `value`, which is not `what` ("a namespace type").
Error not_a(const json::Field& field, std::string_view what, std::string_view value);

}  // namespace wolffia::oci
