// SPDX-License-Identifier: Apache-2.0
#include <net/if.h>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

constexpr std::string_view kBadName =
    "must be the name of a network device: 1 to 15 bytes, no \"/\", \":\", \"%\" nor blank";

/// Source: dev_valid_name() in net/core/dev.c; it takes "%" for names to be completed.
bool is_device_name(std::string_view name) {
  constexpr std::string_view kForbidden = "/:% \t\n\v\f\r";
  return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
         name.find_first_of(kForbidden) == std::string_view::npos;
}

/// The same with one mark, where a number is to stand.
bool is_pattern(std::string_view name) {
  const size_t mark = name.find(NetDevice::kNumberMark);
  if (mark == std::string_view::npos) return false;
  return is_device_name(
      cat(name.substr(0, mark), "0", name.substr(mark + NetDevice::kNumberMark.size())));
}

}  // namespace

Result<void> read_net_devices(const json::Object& section, std::vector<NetDevice>& devices) {
  std::optional<json::Object> rows;
  TRY(section.read("netDevices", rows));
  if (!rows) return {};
  for (const auto& [name, field] : rows->members()) {
    if (!is_device_name(name)) return field.invalid(kBadName);
    const json::Object row = TRY(field.as<json::Object>());
    NetDevice device{.name = std::string(name), .inside = {}};
    TRY(row.read("name", device.inside));
    if (device.inside.empty()) device.inside = device.name;
    if (!is_device_name(device.inside) && !is_pattern(device.inside))
      return row.invalid("name", kBadName);
    devices.push_back(std::move(device));
  }
  return {};
}

}  // namespace wolffia::oci
