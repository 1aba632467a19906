// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

Result<void> read_memory(const json::Object& resources, Resources::Memory& memory) {
  std::optional<json::Object> section;
  TRY(resources.read("memory", section));
  if (!section) return {};
  TRY(section->read("limit", memory.limit));
  TRY(section->read("reservation", memory.reservation));
  TRY(section->read("swap", memory.swap));
  return section->read("checkBeforeUpdate", memory.check_before_update);
}

Result<void> read_cpu(const json::Object& resources, Resources::Cpu& cpu) {
  std::optional<json::Object> section;
  TRY(resources.read("cpu", section));
  if (!section) return {};
  TRY(section->read("shares", cpu.shares));
  TRY(section->read("quota", cpu.quota));
  TRY(section->read("period", cpu.period));
  TRY(section->read("burst", cpu.burst));
  TRY(section->read_integer("idle", cpu.idle, 0, 1));
  TRY(section->read("cpus", cpu.cpus));
  return section->read("mems", cpu.mems);
}

Result<DeviceNumber> read_device(const json::Object& object, std::string_view number) {
  DeviceNumber device{};
  device.major = TRY(object.get<int64_t>("major"));
  device.minor = TRY(object.get<int64_t>("minor"));
  std::optional<uint64_t> value;
  TRY(object.read(number, value));
  device.number = value.value_or(0);  // 0: only the leafWeight of the v1 hierarchy
  return device;
}

Result<void> read_block_io(const json::Object& resources, Resources::BlockIo& io) {
  std::optional<json::Object> section;
  TRY(resources.read("blockIO", section));
  if (!section) return {};
  TRY(section->read_integer("weight", io.weight, 0, UINT16_MAX));
  constexpr auto kWeight = [](const json::Object& row) { return read_device(row, "weight"); };
  constexpr auto kRate = [](const json::Object& row) { return read_device(row, "rate"); };
  TRY(section->read_each("weightDevice", io.weights, kWeight));
  TRY(section->read_each("throttleReadBpsDevice", io.read_bytes, kRate));
  TRY(section->read_each("throttleWriteBpsDevice", io.write_bytes, kRate));
  TRY(section->read_each("throttleReadIOPSDevice", io.reads, kRate));
  return section->read_each("throttleWriteIOPSDevice", io.writes, kRate);
}

/// A file name is made of it: a number, K, M or G, and B. Source: runtime-spec config-linux.md,
/// "Huge page limits", and its schema.
bool is_page_size(std::string_view size) {
  const size_t digits = std::min(size.find_first_not_of("0123456789"), size.size());
  const std::string_view unit = size.substr(digits);
  return digits > 0 && size.front() != '0' && (unit == "KB" || unit == "MB" || unit == "GB");
}

Result<std::pair<std::string, uint64_t>> read_huge_page(const json::Object& object) {
  std::string size = TRY(object.get<std::string>("pageSize"));
  if (!is_page_size(size)) return object.invalid("pageSize", "must be a size as \"2MB\"");
  const uint64_t limit = TRY(object.get<uint64_t>("limit"));
  return std::pair(std::move(size), limit);
}

Result<void> read_rdma(const json::Object& resources, std::vector<Resources::Rdma>& rdma) {
  std::optional<json::Object> section;
  TRY(resources.read("rdma", section));
  if (!section) return {};
  for (const auto& [device, field] : section->members()) {
    const json::Object object = TRY(field.as<json::Object>());
    Resources::Rdma limits{.device = std::string(device), .handles = {}, .objects = {}};
    TRY(object.read("hcaHandles", limits.handles));
    TRY(object.read("hcaObjects", limits.objects));
    if (!limits.handles && !limits.objects) return object.invalid("needs hcaHandles or hcaObjects");
    rdma.push_back(std::move(limits));
  }
  return {};
}

/// The names of files of one directory, with their controller in front.
Result<void> read_unified(const json::Object& resources, Resources& into) {
  TRY(resources.read("unified", into.unified));
  for (const auto& [file, value] : into.unified) {
    const bool names_a_file = file.find('/') == std::string::npos &&
                              file.find('.') != std::string::npos && file.front() != '.';
    if (!names_a_file)
      return resources.invalid("unified", cat("must name files of a cgroup as \"memory.high\""));
  }
  return {};
}

}  // namespace

Result<void> read_limits(const json::Object& object, Resources& resources) {
  TRY(read_memory(object, resources.memory));
  TRY(read_cpu(object, resources.cpu));
  TRY(read_block_io(object, resources.block_io));
  TRY(object.read_each("hugepageLimits", resources.huge_pages, read_huge_page));
  std::optional<json::Object> pids;
  TRY(object.read("pids", pids));
  if (pids) TRY(pids->read("limit", resources.pids));
  TRY(read_rdma(object, resources.rdma));
  return read_unified(object, resources);
}

}  // namespace wolffia::oci
