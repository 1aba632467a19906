// SPDX-License-Identifier: Apache-2.0
#include "plan/limits.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "base/words.hpp"

namespace wolffia::plan {
namespace {

using oci::Resources;

constexpr std::string_view kNoLimit = "max";

/// Those that the v2 hierarchy has no file for.
constexpr std::array kOfOldHierarchy{
    "memory.kernel",       "memory.kernelTCP",   "memory.swappiness", "memory.disableOOMKiller",
    "cpu.realtimeRuntime", "blockIO.leafWeight", "network.classID",   "network.priorities"};

/// The writes being put together.
struct Limits {
  const CurrentLimits* current;
  std::vector<CgroupWrite> writes = {};

  void add(std::string_view field, std::string_view file, std::string value) {
    writes.push_back({std::string(field), std::string(file), std::move(value)});
  }
  /// -1 stands for no limit, which a new cgroup has.
  void add_bytes(std::string_view field, std::string_view file, int64_t bytes) {
    if (bytes >= 0)
      add(field, file, cat(bytes));
    else if (current)
      add(field, file, std::string(kNoLimit));
  }
};

/// 0 is as good as absent everywhere but in pids.limit: callers leave it where nothing was asked.
bool given(const std::optional<int64_t>& number) {
  return number.value_or(0) != 0;
}

bool given(const std::optional<uint64_t>& number) {
  return number.value_or(0) != 0;
}

/// The specification counts swap together with memory, the v2 hierarchy alone.
Result<void> add_swap(const Resources::Memory& memory, Limits& limits) {
  if (!given(memory.swap)) {
    // Memory that is lifted alone: as with the first version, where both were one limit, swap is
    // too.
    if (memory.limit.value_or(0) < 0 && limits.current && limits.current->counts_swap)
      limits.add_bytes("memory.swap", "memory.swap.max", -1);
    return {};
  }
  int64_t limit = memory.limit.value_or(0);
  if (limit == 0 && limits.current) (void)read_number(limits.current->memory_max, limit);
  if (*memory.swap < 0) {
    limits.add_bytes("memory.swap", "memory.swap.max", -1);
    return {};
  }
  if (limit <= 0)
    return Error::because(EINVAL,
                          "linux.resources.memory.swap limits memory and swap together: give "
                          "memory.limit too");
  if (*memory.swap < limit)
    return Error::because(EINVAL, cat("linux.resources.memory.swap must be at least memory.limit, ",
                                      limit, ", as it includes it"));
  limits.add_bytes("memory.swap", "memory.swap.max", *memory.swap - limit);
  return {};
}

Result<void> add_memory(const Resources::Memory& memory, Limits& limits) {
  if (given(memory.limit)) limits.add_bytes("memory.limit", "memory.max", *memory.limit);
  TRY(add_swap(memory, limits));
  if (given(memory.reservation))
    limits.add_bytes("memory.reservation", "memory.low", *memory.reservation);
  return {};
}

/// cpu.max takes the quota alone, but not the period. What a new cgroup says already is not
/// written: Kubernetes names the usual period wherever nobody asked for a quota.
void add_quota(const Resources::Cpu& cpu, Limits& limits) {
  const bool new_quota = given(cpu.quota);
  if (!new_quota && !given(cpu.period)) return;
  const CurrentLimits before = limits.current ? *limits.current : CurrentLimits();
  const std::string no_limit(kNoLimit);
  const std::string quota = !new_quota       ? before.cpu_quota
                            : *cpu.quota < 0 ? no_limit
                                             : cat(*cpu.quota);
  const std::string period = given(cpu.period) ? cat(*cpu.period) : before.cpu_period;
  if (!limits.current && quota == before.cpu_quota && period == before.cpu_period) return;
  limits.add(new_quota ? "cpu.quota" : "cpu.period", "cpu.max", cat(quota, " ", period));
}

/// A new cgroup has the weight of these already. containerd asks for them wherever nobody says
/// otherwise, in places without cgroups as well.
constexpr uint64_t kDefaultShares = 1024;

/// A cgroup that is idle has no weight, and none may have a burst above its quota.
void add_cpu(const Resources::Cpu& cpu, Limits& limits) {
  if (cpu.idle && *cpu.idle == 0 && limits.current) limits.add("cpu.idle", "cpu.idle", "0");
  if (given(cpu.shares) && (limits.current || *cpu.shares != kDefaultShares))
    limits.add("cpu.shares", "cpu.weight", cat(weight_of_shares(*cpu.shares)));
  if (cpu.burst && limits.current) limits.add("cpu.burst", "cpu.max.burst", "0");
  add_quota(cpu, limits);
  if (given(cpu.burst)) limits.add("cpu.burst", "cpu.max.burst", cat(*cpu.burst));
  if (given(cpu.idle)) limits.add("cpu.idle", "cpu.idle", "1");
  if (!cpu.cpus.empty()) limits.add("cpu.cpus", "cpuset.cpus", cpu.cpus);
  if (!cpu.mems.empty()) limits.add("cpu.mems", "cpuset.mems", cpu.mems);
}

/// From 10 to 1000, as blkio.weight, to 1 to 10000.
uint64_t io_weight(uint64_t weight) {
  constexpr uint64_t kLeast = 10, kMost = 1000;
  weight = std::clamp(weight, kLeast, kMost);
  return 1 + (weight - kLeast) * 9999 / (kMost - kLeast);
}

void add_weight(std::string_view field, const std::string& device, uint64_t weight,
                Limits& limits) {
  if (weight == 0) return;
  limits.writes.push_back({std::string(field), "io.bfq.weight", cat(device, weight), "io.weight",
                           cat(device, io_weight(weight))});
}

void add_rates(std::string_view field, const std::vector<oci::DeviceNumber>& rows,
               std::string_view key, Limits& limits) {
  for (const oci::DeviceNumber& row : rows) {
    const std::string rate = row.number == 0 ? std::string(kNoLimit) : cat(row.number);
    if (row.number == 0 && !limits.current) continue;
    limits.add(field, "io.max", cat(row.major, ":", row.minor, " ", key, "=", rate));
  }
}

void add_block_io(const Resources::BlockIo& io, Limits& limits) {
  add_weight("blockIO.weight", "", io.weight.value_or(0), limits);
  for (const oci::DeviceNumber& row : io.weights)
    add_weight("blockIO.weightDevice", cat(row.major, ":", row.minor, " "), row.number, limits);
  add_rates("blockIO.throttleReadBpsDevice", io.read_bytes, "rbps", limits);
  add_rates("blockIO.throttleWriteBpsDevice", io.write_bytes, "wbps", limits);
  add_rates("blockIO.throttleReadIOPSDevice", io.reads, "riops", limits);
  add_rates("blockIO.throttleWriteIOPSDevice", io.writes, "wiops", limits);
}

/// What is reserved is limited where the kernel counts that (5.7), else what is used.
void add_huge_pages(const Resources& resources, Limits& limits) {
  for (const auto& [size, bytes] : resources.huge_pages)
    limits.writes.push_back({"hugepageLimits", cat("hugetlb.", size, ".rsvd.max"), cat(bytes),
                             cat("hugetlb.", size, ".max"), cat(bytes)});
}

void add_rdma(const std::vector<Resources::Rdma>& rdma, Limits& limits) {
  for (const Resources::Rdma& row : rdma) {
    std::string value = row.device;
    if (row.handles) value += cat(" hca_handle=", *row.handles);
    if (row.objects) value += cat(" hca_object=", *row.objects);
    limits.add(cat("rdma.", row.device), "rdma.max", std::move(value));
  }
}

}  // namespace

uint64_t weight_of_shares(uint64_t shares) {
  constexpr uint64_t kLeast = 2, kMost = 262144;
  const double log = std::log2(static_cast<double>(std::clamp(shares, kLeast, kMost)));
  const double exponent = (log * log + 125 * log) / 612 - 7.0 / 34;
  return static_cast<uint64_t>(std::ceil(std::pow(10, exponent) - 1e-9));
}

Result<std::vector<CgroupWrite>> plan_limits(const oci::Resources& resources,
                                             const CurrentLimits* current,
                                             std::vector<std::string>& notices) {
  Limits limits{.current = current};
  for (const std::string& field : resources.asked)
    if (std::find(kOfOldHierarchy.begin(), kOfOldHierarchy.end(), field) != kOfOldHierarchy.end())
      notices.push_back(cat("linux.resources.", field, " is not applied: only the first version ",
                            "of cgroups has it"));
  TRY(add_memory(resources.memory, limits));
  add_cpu(resources.cpu, limits);
  add_block_io(resources.block_io, limits);
  add_huge_pages(resources, limits);
  if (resources.pids) limits.add_bytes("pids.limit", "pids.max", *resources.pids);
  add_rdma(resources.rdma, limits);
  for (const auto& [file, value] : resources.unified)
    limits.add(cat("unified.", file), file, value);
  return std::move(limits.writes);
}

}  // namespace wolffia::plan
