// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

enum class Kind : uint8_t {
  Signed,
  Unsigned,
  Unsigned32,
  Unsigned16,
  Bool,
  Text,
  Weights,
  Throttles,
  Priorities,
  HugePages,
};

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
    ResourceField{"blockIO", "weightDevice", Kind::Weights, Asks::Limit},
    ResourceField{"blockIO", "throttleReadBpsDevice", Kind::Throttles, Asks::Limit},
    ResourceField{"blockIO", "throttleWriteBpsDevice", Kind::Throttles, Asks::Limit},
    ResourceField{"blockIO", "throttleReadIOPSDevice", Kind::Throttles, Asks::Limit},
    ResourceField{"blockIO", "throttleWriteIOPSDevice", Kind::Throttles, Asks::Limit},
    ResourceField{"", "hugepageLimits", Kind::HugePages, Asks::Limit},
    ResourceField{"network", "classID", Kind::Unsigned32, Asks::Limit},
    ResourceField{"network", "priorities", Kind::Priorities, Asks::Limit},
    ResourceField{"pids", "limit", Kind::Signed, Asks::Natural},
};

Result<void> check_block_device(const json::Object& object) {
  TRY(object.get<int64_t>("major"));
  TRY(object.get<int64_t>("minor"));
  return {};
}

Result<void> check_weight(const json::Object& object) {
  TRY(check_block_device(object));
  uint16_t weight = 0;
  TRY(object.read_integer("weight", weight, 0, UINT16_MAX));
  return object.read_integer("leafWeight", weight, 0, UINT16_MAX);
}

Result<void> check_throttle(const json::Object& object) {
  TRY(check_block_device(object));
  TRY(object.get<uint64_t>("rate"));
  return {};
}

Result<void> check_priority(const json::Object& object) {
  TRY(object.get<std::string_view>("name"));
  TRY(object.get<uint32_t>("priority"));
  return {};
}

Result<void> check_huge_page_limit(const json::Object& object) {
  TRY(object.get<std::string_view>("pageSize"));
  TRY(object.get<uint64_t>("limit"));
  return {};
}

/// How many objects `field` lists, each of which passed `check`.
Result<int64_t> count(const json::Field& field, Result<void> (*check)(const json::Object&)) {
  const auto rows = TRY(field.as<std::vector<json::Object>>());
  for (const json::Object& row : rows)
    TRY(check(row));
  return static_cast<int64_t>(rows.size());
}

/// The value reduced to a number: the length of texts and lists, 1 for true.
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
    case Kind::Weights:
      return count(field, check_weight);
    case Kind::Throttles:
      return count(field, check_throttle);
    case Kind::Priorities:
      return count(field, check_priority);
    case Kind::HugePages:
      break;
  }
  return count(field, check_huge_page_limit);
}

bool asks(Asks rule, int64_t value) {
  return rule != Asks::Never && value != -1 && (value != 0 || rule == Asks::Natural);
}

/// The object that holds the fields of section `name`: for no name the resources themselves.
Result<std::optional<json::Object>> find_section(const json::Object& resources,
                                                 std::string_view name) {
  std::optional<json::Object> section;
  if (name.empty())
    section = resources;
  else
    TRY(resources.read(name, section));
  return section;
}

Result<void> read_fields(const json::Object& resources, std::vector<std::string>& asked) {
  std::string_view name;
  std::optional<json::Object> section = resources;
  for (const ResourceField& row : kFields) {
    if (row.section != name) section = TRY(find_section(resources, row.section));
    name = row.section;
    const auto field = section ? section->find(row.name) : std::nullopt;
    if (!field) continue;
    const int64_t value = TRY(measure(*field, row.kind));
    if (!asks(row.asks, value)) continue;
    asked.push_back(name.empty() ? std::string(row.name) : cat(name, ".", row.name));
  }
  return {};
}

}  // namespace

Result<Resources> parse_resources(const json::Object& object) {
  Resources resources;
  TRY(read_fields(object, resources.asked));
  TRY(read_limits(object, resources));
  for (const Resources::Rdma& limits : resources.rdma)
    resources.asked.push_back(cat("rdma.", limits.device));
  for (const auto& [file, value] : resources.unified)
    resources.asked.push_back(cat("unified.", file));
  TRY(object.read_each("devices", resources.devices, parse_device_rule));
  return resources;
}

}  // namespace wolffia::oci
