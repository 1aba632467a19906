// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

// runtime-spec config-linux.md, "Memory policy".
constexpr std::array<std::string_view, 7> kModes{
    "MPOL_DEFAULT",   "MPOL_BIND",           "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE",
    "MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_LOCAL",
};
constexpr std::array<std::string_view, 3> kModeFlags{
    "MPOL_F_NUMA_BALANCING",
    "MPOL_F_RELATIVE_NODES",
    "MPOL_F_STATIC_NODES",
};

Result<void> check_intel_rdt(const json::Object& object) {
  std::string_view text;
  for (const char* const key : {"closID", "l3CacheSchema", "memBwSchema"})
    TRY(object.read(key, text));
  bool truth = false;
  for (const char* const key : {"enableCMT", "enableMBM", "enableMonitoring"})
    TRY(object.read(key, truth));
  std::vector<std::string> lines;
  return object.read("schemata", lines);
}

Result<void> check_net_devices(const json::Object& object) {
  for (const auto& [name, field] : object.members()) {
    const json::Object device = TRY(field.as<json::Object>());
    std::string_view inside;
    TRY(device.read("name", inside));
  }
  return {};
}

Result<void> check_memory_policy(const json::Object& object) {
  const json::Field mode = TRY(object.get<json::Field>("mode"));
  TRY(parse_word(mode, kModes, "a memory policy"));
  std::string_view nodes;
  TRY(object.read("nodes", nodes));
  std::vector<json::Field> flags;
  TRY(object.read("flags", flags));
  for (const json::Field& flag : flags)
    TRY(parse_word(flag, kModeFlags, "a memory policy flag"));
  return {};
}

struct Section {
  std::string_view name;
  Result<void> (*check)(const json::Object&);
  bool empty_asks;  // even "{}" asks for something: for intelRdt, a group named like the container
};

constexpr std::array kSections{
    Section{"intelRdt", check_intel_rdt, true},
    Section{"netDevices", check_net_devices, false},
    Section{"memoryPolicy", check_memory_policy, true},
};

}  // namespace

Result<void> read_unsupported(const json::Object& section, std::vector<std::string>& unsupported) {
  for (const Section& row : kSections) {
    std::optional<json::Object> object;
    TRY(section.read(row.name, object));
    if (!object) continue;
    TRY(row.check(*object));
    if (row.empty_asks || !object->members().empty())
      unsupported.push_back(cat("linux.", row.name));
  }
  return {};
}

}  // namespace wolffia::oci
