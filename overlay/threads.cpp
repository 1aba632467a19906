// SPDX-License-Identifier: Apache-2.0
#include "overlay/threads.hpp"

#include <algorithm>
#include <string>

#include "base/words.hpp"
#include "sys/file.hpp"
#include "sys/processors.hpp"

namespace wolffia::overlay {
namespace {

constexpr unsigned kLeast = 2;
constexpr size_t kLongestText = 64 << 10;

/// The smallest quota of `group` and of those around it.
unsigned within_quotas(std::string group, unsigned processors) {
  while (group.size() > 1) {
    const std::string path = cat("/sys/fs/cgroup", group, "/cpu.max");
    const auto text = sys::read_file(sys::cwd(), path.c_str(), kLongestText);
    if (text) processors = std::min(processors, processors_of_quota(*text).value_or(processors));
    group.resize(group.rfind('/'));
  }
  return processors;
}

}  // namespace

std::optional<unsigned> processors_of_quota(std::string_view cpu_max) {
  Words words(cpu_max.substr(0, cpu_max.find('\n')));
  uint64_t quota = 0;
  uint64_t period = 0;
  if (!read_number(words.next(), quota) || !read_number(words.next(), period) || period == 0)
    return std::nullopt;
  const uint64_t whole = quota / period + (quota % period != 0 ? 1 : 0);
  return static_cast<unsigned>(std::clamp<uint64_t>(whole, 1, 1 << 16));
}

std::string_view unified_cgroup(std::string_view text) {
  for (Words lines(text, '\n'); !lines.empty();) {
    const std::string_view line = lines.next();
    if (line.starts_with("0::/")) return line.substr(3);
  }
  return {};
}

unsigned default_threads() {
  const auto usable = sys::usable_processors();
  const auto groups = sys::read_file(sys::cwd(), "/proc/self/cgroup", kLongestText);
  const std::string group(groups ? unified_cgroup(*groups) : std::string_view());
  return std::max(kLeast, within_quotas(group, usable ? *usable : kLeast));
}

}  // namespace wolffia::overlay
