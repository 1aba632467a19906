// SPDX-License-Identifier: Apache-2.0
#include "cgroup/usage.hpp"

#include "base/words.hpp"

namespace wolffia::cgroup {
namespace {

/// nullopt: no such file, or "max".
std::optional<uint64_t> single(const Group& group, const std::string& file) {
  const auto text = group.read(file);
  uint64_t number = 0;
  if (!text || !read_number(*text, number)) return {};
  return number;
}

/// The sum of "KEY=NUMBER" over the lines of io.stat, one a device.
uint64_t sum(std::string_view text, std::string_view key) {
  uint64_t total = 0;
  for (Words words(text, ' '); !words.empty();) {
    for (Words parts(words.next(), '\n'); !parts.empty();) {
      const std::string_view word = parts.next();
      uint64_t number = 0;
      if (word.starts_with(key) && read_number(word.substr(key.size()), number)) total += number;
    }
  }
  return total;
}

}  // namespace

Usage read_usage(const Group& group) {
  Usage usage;
  if (const auto spent = group.number("cpu.stat", "usage_usec"); spent)
    usage.cpu_microseconds = *spent;
  usage.memory = single(group, "memory.current");
  usage.memory_limit = single(group, "memory.max");
  usage.processes = single(group, "pids.current");
  usage.processes_limit = single(group, "pids.max");
  if (const auto text = group.read("io.stat"); text) {
    usage.read_bytes = sum(*text, "rbytes=");
    usage.written_bytes = sum(*text, "wbytes=");
  }
  return usage;
}

}  // namespace wolffia::cgroup
