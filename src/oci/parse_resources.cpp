// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

enum class Kind : uint8_t { Signed, Unsigned, Unsigned32, Unsigned16, Bool, Text, List };

/// Which values of a field ask for something a cgroup would have to do.
enum class Asks : uint8_t {
  Never,    // it only shapes how another field is applied
  Limit,    // every value but 0 and -1, which mean "no limit"
  Natural,  // every value but -1: 0 is a real limit
};

struct ResourceField {
  std::string_view section, name;
  Kind kind;
  Asks asks;
};

// runtime-spec config-linux.md, "Control groups", in its order.
constexpr std::array kFields{
    ResourceField{"memory", "limit", Kind::Signed, Asks::Limit},
    ResourceField{"memory", "reservation", Kind::Signed, Asks::Limit},
    ResourceField{"memory", "swap", Kind::Signed, Asks::Limit},
    ResourceField{"memory", "kernel", Kind::Signed, Asks::Limit},
    ResourceField{"memory", "kernelTCP", Kind::Signed, Asks::Limit},
    ResourceField{"memory", "swappiness", Kind::Unsigned, Asks::Natural},
    ResourceField{"memory", "disableOOMKiller", Kind::Bool, Asks::Limit},
    ResourceField{"memory", "useHierarchy", Kind::Bool, Asks::Never},
    ResourceField{"memory", "checkBeforeUpdate", Kind::Bool, Asks::Never},
    ResourceField{"cpu", "shares", Kind::Unsigned, Asks::Limit},
    ResourceField{"cpu", "quota", Kind::Signed, Asks::Limit},
    ResourceField{"cpu", "burst", Kind::Unsigned, Asks::Limit},
    ResourceField{"cpu", "period", Kind::Unsigned, Asks::Never},
    ResourceField{"cpu", "realtimeRuntime", Kind::Signed, Asks::Limit},
    ResourceField{"cpu", "realtimePeriod", Kind::Unsigned, Asks::Never},
    ResourceField{"cpu", "cpus", Kind::Text, Asks::Limit},
    ResourceField{"cpu", "mems", Kind::Text, Asks::Limit},
    ResourceField{"cpu", "idle", Kind::Signed, Asks::Limit},
    ResourceField{"blockIO", "weight", Kind::Unsigned16, Asks::Limit},
    ResourceField{"blockIO", "leafWeight", Kind::Unsigned16, Asks::Limit},
    ResourceField{"blockIO", "weightDevice", Kind::List, Asks::Limit},
    ResourceField{"blockIO", "throttleReadBpsDevice", Kind::List, Asks::Limit},
    ResourceField{"blockIO", "throttleWriteBpsDevice", Kind::List, Asks::Limit},
    ResourceField{"blockIO", "throttleReadIOPSDevice", Kind::List, Asks::Limit},
    ResourceField{"blockIO", "throttleWriteIOPSDevice", Kind::List, Asks::Limit},
    ResourceField{"network", "classID", Kind::Unsigned32, Asks::Limit},
    ResourceField{"network", "priorities", Kind::List, Asks::Limit},
    ResourceField{"pids", "limit", Kind::Signed, Asks::Natural},
};

/// The value reduced to a number: its length for texts and lists, 1 for true.
Result<int64_t> measure(const json::Field& field, Kind kind) {
  switch (kind) {
    case Kind::Signed:
      return field.as<int64_t>();
    case Kind::Unsigned:
      return TRY(field.as<uint64_t>()) == 0 ? 0 : 1;
    case Kind::Unsigned32:
      return field.integer(0, UINT32_MAX);
    case Kind::Unsigned16:
      return field.integer(0, UINT16_MAX);
    case Kind::Bool:
      return TRY(field.as<bool>()) ? 1 : 0;
    case Kind::Text:
      return static_cast<int64_t>(TRY(field.as<std::string_view>()).size());
    case Kind::List:
      break;
  }
  return static_cast<int64_t>(TRY(field.as<std::vector<json::Field>>()).size());
}

bool asks(Asks rule, int64_t value) {
  return rule != Asks::Never && value != -1 && (value != 0 || rule == Asks::Natural);
}

Result<void> read_fields(const json::Object& resources, std::vector<std::string>& asked) {
  std::string_view open_name;
  std::optional<json::Object> section;
  for (const ResourceField& row : kFields) {
    if (row.section != open_name) {
      open_name = row.section;
      section.reset();
      TRY(resources.read(row.section, section));
    }
    const auto field = section ? section->find(row.name) : std::nullopt;
    if (!field) continue;
    const int64_t value = TRY(measure(*field, row.kind));
    if (asks(row.asks, value)) asked.push_back(cat(row.section, ".", row.name));
  }
  return {};
}

Result<bool> parse_huge_page_limit(const json::Object& object) {
  TRY(object.get<std::string_view>("pageSize"));
  TRY(object.get<uint64_t>("limit"));
  return true;
}

Result<void> read_rdma(const json::Object& resources, std::vector<std::string>& asked) {
  std::optional<json::Object> rdma;
  TRY(resources.read("rdma", rdma));
  if (!rdma) return {};
  for (const auto& [device, field] : rdma->members()) {
    const json::Object limits = TRY(field.as<json::Object>());
    std::optional<uint32_t> handles, objects;
    TRY(limits.read("hcaHandles", handles));
    TRY(limits.read("hcaObjects", objects));
    if (handles || objects) asked.push_back(cat("rdma.", device));
  }
  return {};
}

Result<bool> parse_device_rule(const json::Object& object) {
  TRY(object.get<bool>("allow"));
  std::string_view text;
  TRY(object.read("type", text));
  TRY(object.read("access", text));
  std::optional<int64_t> number;  // -1: every number
  TRY(object.read("major", number));
  TRY(object.read("minor", number));
  return true;
}

}  // namespace

Result<Resources> parse_resources(const json::Object& object) {
  Resources resources;
  TRY(read_fields(object, resources.asked));
  std::vector<bool> rows;
  TRY(object.read_each("hugepageLimits", rows, parse_huge_page_limit));
  if (!rows.empty()) resources.asked.emplace_back("hugepageLimits");
  TRY(read_rdma(object, resources.asked));
  json::StringMap unified;
  TRY(object.read("unified", unified));
  for (const auto& [file, value] : unified)
    resources.asked.push_back(cat("unified.", file));
  // Device rules are only checked: without privileges the kernel takes none, and a container has
  // no node but those bound into it.
  rows.clear();
  TRY(object.read_each("devices", rows, parse_device_rule));
  return resources;
}

}  // namespace wolffia::oci
