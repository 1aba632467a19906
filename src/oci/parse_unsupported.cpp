// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

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

struct Section {
  std::string_view name;
  Result<void> (*check)(const json::Object&);
  bool empty_asks;  // even "{}" asks for something: for intelRdt, a group named like the container
};

constexpr std::array kSections{
    Section{"intelRdt", check_intel_rdt, true},
    Section{"netDevices", check_net_devices, false},
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
