// SPDX-License-Identifier: Apache-2.0
#include "plan/scope.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/number_set.hpp"
#include "base/quote.hpp"
#include "base/words.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

constexpr std::string_view kPropertyPrefix = "org.systemd.property.";
constexpr std::string_view kSubgroup = "run.oci.systemd.subgroup";
/// crun's: a process in the scope's own cgroup would keep its controllers from those below it.
constexpr const char* kUsualSubgroup = "container";
constexpr uint64_t kSecond = 1000000;  // in microseconds, as systemd counts time
// What systemd keeps of a quota when it is reloaded (systemd.resource-control(5), CPUQuota=).
constexpr uint64_t kPercent = kSecond / 100;

struct NumberRow {
  std::string_view file, property;
};

/// Files of one number, or "max".
constexpr std::array kNumbers{
    NumberRow{"memory.max", "MemoryMax"}, NumberRow{"memory.high", "MemoryHigh"},
    NumberRow{"memory.low", "MemoryLow"}, NumberRow{"memory.min", "MemoryMin"},
    NumberRow{"pids.max", "TasksMax"},    NumberRow{"memory.swap.max", "MemorySwapMax"},
    NumberRow{"cpu.weight", "CPUWeight"}, NumberRow{"io.weight", "IOWeight"},
};

constexpr std::string_view kWholeNumber = "uint64 ";

std::string number_property(std::string_view property, std::string_view value) {
  return cat(property, "=", kWholeNumber, value == "max" ? cat(UINT64_MAX) : std::string(value));
}

/// "QUOTA PERIOD" of cpu.max: the share of a second, and what it is measured over. The share goes
/// up to the next percent, so that the scope never has less than the container's cgroup below it.
void add_quota(std::string_view value, std::vector<std::string>& properties) {
  Words words(value);
  uint64_t quota = 0, period = 0;
  const std::string_view first = words.next();
  if (!read_number(words.next(), period) || period == 0) return;
  if (first == "max")
    properties.push_back(number_property("CPUQuotaPerSecUSec", "max"));
  else if (read_number(first, quota))
    properties.push_back(
        number_property("CPUQuotaPerSecUSec", cat((quota * 100 + period - 1) / period * kPercent)));
  properties.push_back(number_property("CPUQuotaPeriodUSec", cat(period)));
}

/// A set of processors or memory nodes: bits, the lowest byte first.
void add_set(std::string_view property, const std::string& value,
             std::vector<std::string>& properties) {
  constexpr unsigned kByte = 8;
  const auto set = read_number_set(value);
  if (!set || set->empty()) return;
  std::string bytes;
  for (const uint64_t word : *set)
    for (unsigned shift = 0; shift < 64; shift += kByte)
      bytes += cat(bytes.empty() ? "byte " : ", ", word >> shift & 0xffU);
  properties.push_back(cat(property, "=[", bytes, "]"));
}

/// SLICE:PREFIX:NAME, as callers of both peers write it.
struct ScopePath {
  std::string slice, name;
};

Result<ScopePath> read_path(const std::string& path, const Host& host, const std::string& id) {
  // Units of a user's systemd have a slice of that name too.
  const char* usual = host.is_machine_root() ? "system.slice" : "user.slice";
  if (path.empty()) return ScopePath{usual, cat("wolffia-", id, ".scope")};
  if (std::count(path.begin(), path.end(), ':') != 2)
    return Error::because(EINVAL, cat("linux.cgroupsPath ", quoted(path),
                                      " must be SLICE:PREFIX:NAME where systemd makes the cgroup "
                                      "(--systemd-cgroup)"));
  Words words(path, ':');
  const std::string slice(words.next()), prefix(words.next()), name(words.next());
  if (name.empty())
    return Error::because(EINVAL, cat("linux.cgroupsPath ", quoted(path), " lacks the name"));
  if (!slice.empty() && !slice.ends_with(".slice"))
    return Error::because(EINVAL, cat("linux.cgroupsPath ", quoted(path),
                                      " must begin with the name of a slice (as user.slice)"));
  return ScopePath{slice.empty() ? usual : slice,
                   cat(prefix, prefix.empty() ? "" : "-", name, ".scope")};
}

std::string text_property(std::string_view property, std::string_view text) {
  std::string quoted_text;
  for (const char c : text)
    quoted_text += c == '\'' || c == '\\' ? cat("\\", std::string_view(&c, 1)) : std::string(1, c);
  return cat(property, "='", quoted_text, "'");
}

/// runc's: a name that ends in "Sec" is of the unit file, where time is a number of seconds; over
/// the bus it ends in "USec".
Result<std::string> annotated_property(std::string_view name, const std::string& value) {
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_name))
    return Error::because(EINVAL, cat("annotations ", kPropertyPrefix, name,
                                      " must name a property of letters and digits"));
  if (!name.ends_with("Sec") || name.ends_with("USec")) return cat(name, "=", value);
  const std::string_view number = std::string_view(value).substr(value.rfind(' ') + 1);
  double seconds = 0;
  if (!read_number(number, seconds) || seconds < 0 || seconds > 1e12)
    return Error::because(
        EINVAL, cat("annotations ", kPropertyPrefix, name, " must be a number of seconds"));
  const auto micros = static_cast<uint64_t>(seconds * static_cast<double>(kSecond));
  return number_property(cat(name.substr(0, name.size() - 3), "USec"), cat(micros));
}

}  // namespace

std::vector<std::string> limit_properties(std::span<const CgroupWrite> limits) {
  std::vector<std::string> properties;
  for (const CgroupWrite& limit : limits) {
    const auto* row = std::find_if(kNumbers.begin(), kNumbers.end(), [&](const NumberRow& one) {
      return one.file == limit.file || one.file == limit.other_file;
    });
    if (row != kNumbers.end()) {
      const std::string& value = row->file == limit.file ? limit.value : limit.other_value;
      uint64_t number = 0;
      if (value == "max" || read_number(value, number))
        properties.push_back(number_property(row->property, value));
    } else if (limit.file == "cpu.max") {
      add_quota(limit.value, properties);
    } else if (limit.file == "cpuset.cpus") {
      add_set("AllowedCPUs", limit.value, properties);
    } else if (limit.file == "cpuset.mems") {
      add_set("AllowedMemoryNodes", limit.value, properties);
    }
  }
  return properties;
}

Result<ScopePlan> plan_scope(const oci::Spec& spec, const Host& host, const Options& options,
                             const std::vector<CgroupWrite>& limits) {
  const ScopePath path = TRY(read_path(spec.linux.cgroups_path, host, options.id));
  ScopePlan scope{.name = path.name, .system = host.is_machine_root(), .subgroup = kUsualSubgroup};
  if (const std::string* subgroup = spec.annotation(kSubgroup)) scope.subgroup = *subgroup;
  if (scope.subgroup.find('/') != std::string::npos || scope.subgroup == "." ||
      scope.subgroup == "..")
    return Error::because(EINVAL, cat("annotations ", kSubgroup, " must be one name"));
  scope.properties = {text_property("Description", cat("wolffia container ", options.id)),
                      text_property("Slice", path.slice),
                      "DefaultDependencies=false",
                      "Delegate=true",
                      "CollectMode='inactive-or-failed'",  // or a failed one would keep its name
                      "CPUAccounting=true",
                      "MemoryAccounting=true",
                      "TasksAccounting=true",
                      "IOAccounting=true"};
  for (std::string& property : limit_properties(limits))
    scope.properties.push_back(std::move(property));
  for (const auto& [key, value] : spec.annotations)
    if (key.starts_with(kPropertyPrefix))
      scope.properties.push_back(
          TRY(annotated_property(std::string_view(key).substr(kPropertyPrefix.size()), value)));
  return scope;
}

}  // namespace wolffia::plan
