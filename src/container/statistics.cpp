// SPDX-License-Identifier: Apache-2.0
#include "container/statistics.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/words.hpp"
#include "json/writer.hpp"
#include "sys/directory.hpp"

namespace wolffia::container {
namespace {

using cgroup::Group;

constexpr uint64_t kNanoseconds = 1000;  // of a microsecond
constexpr size_t kMostFiles = 10'000;

/// A file of one number; "max" is the largest. 0 where there is none.
uint64_t single(const Group& group, const std::string& file) {
  const auto text = group.read(file);
  uint64_t number = 0;
  if (!text) return 0;
  if (*text == "max") return UINT64_MAX;
  return read_number(*text, number) ? number : 0;
}

uint64_t keyed(const Group& group, const std::string& file, std::string_view key) {
  const auto number = group.number(file, key);
  return number ? *number : 0;
}

/// Two decimals, as the kernel prints them, are JSON already.
bool is_decimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos &&
         text.front() != '.' && text.back() != '.';
}

/// "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" and the same of "full".
/// Source: Documentation/accounting/psi.rst.
void write_pressure(json::Writer& out, const Group& group, const std::string& file) {
  const auto text = group.read(file);
  if (!text) return;
  out.key("psi").begin_object();
  for (Words lines(*text, '\n'); !lines.empty();) {
    Words words(lines.next());
    out.key(words.next()).begin_object();
    while (!words.empty()) {
      const std::string_view word = words.next();
      const size_t equals = word.find('=');
      if (equals == std::string_view::npos || !is_decimal(word.substr(equals + 1))) continue;
      out.key(word.substr(0, equals)).raw(word.substr(equals + 1));
    }
    out.end_object();
  }
  out.end_object();
}

void write_cpu(json::Writer& out, const Group& group) {
  const auto of = [&](std::string_view key) { return keyed(group, "cpu.stat", key); };
  out.key("cpu").begin_object();
  out.key("usage").begin_object();
  out.member("total", of("usage_usec") * kNanoseconds);
  out.member("kernel", of("system_usec") * kNanoseconds);
  out.member("user", of("user_usec") * kNanoseconds).end_object();
  out.key("throttling").begin_object().member("periods", of("nr_periods"));
  out.member("throttledPeriods", of("nr_throttled"));
  out.member("throttledTime", of("throttled_usec") * kNanoseconds).end_object();
  write_pressure(out, group, "cpu.pressure");
  out.end_object();
}

void write_usage(json::Writer& out, const char* name, const Group& group, const std::string& file,
                 uint64_t failures) {
  out.key(name).begin_object();
  out.member("limit", single(group, file + ".max"))
      .member("usage", single(group, file + ".current"));
  out.member("max", single(group, file + ".peak")).member("failcnt", failures).end_object();
}

void write_memory(json::Writer& out, const Group& group) {
  out.key("memory").begin_object().member("cache", keyed(group, "memory.stat", "file"));
  write_usage(out, "usage", group, "memory", keyed(group, "memory.events", "max"));
  write_usage(out, "swap", group, "memory.swap", keyed(group, "memory.swap.events", "max"));
  out.key("raw").begin_object();
  const auto text = group.read("memory.stat");
  for (Words lines(text ? *text : std::string_view(), '\n'); !lines.empty();) {
    Words words(lines.next());
    const std::string_view key = words.next();
    uint64_t value = 0;
    if (read_number(words.next(), value)) out.member(key, value);
  }
  out.end_object();
  write_pressure(out, group, "memory.pressure");
  out.end_object();
}

void write_pids(json::Writer& out, const Group& group) {
  const uint64_t limit = single(group, "pids.max");
  out.key("pids").begin_object().member("current", single(group, "pids.current"));
  out.member("limit", limit == UINT64_MAX ? 0 : limit).end_object();  // 0: none
}

struct IoKey {
  std::string_view key;  // of io.stat
  std::string_view op;   // as events name it
};
constexpr std::array kBytes{IoKey{"rbytes", "Read"}, IoKey{"wbytes", "Write"},
                            IoKey{"dbytes", "Discard"}};
constexpr std::array kRequests{IoKey{"rios", "Read"}, IoKey{"wios", "Write"},
                               IoKey{"dios", "Discard"}};

/// The words of a line "8:0 rbytes=1 wbytes=2 …" that `keys` name.
void write_io_line(json::Writer& out, std::string_view line, std::span<const IoKey> keys) {
  Words words(line);
  Words device(words.next(), ':');
  uint64_t major = 0, minor = 0;
  if (!read_number(device.next(), major) || !read_number(device.next(), minor)) return;
  while (!words.empty()) {
    const std::string_view word = words.next();
    const size_t equals = std::min(word.find('='), word.size());
    const auto row = std::find_if(keys.begin(), keys.end(), [&](const IoKey& one) {
      return one.key == word.substr(0, equals);
    });
    uint64_t value = 0;
    if (row == keys.end() || !read_number(word.substr(equals + 1), value)) continue;
    out.begin_object().member("major", major).member("minor", minor);
    out.member("op", row->op).member("value", value).end_object();
  }
}

void write_io(json::Writer& out, const Group& group) {
  const auto text = group.read("io.stat");
  out.key("blkio").begin_object();
  const auto list = [&](const char* name, std::span<const IoKey> keys) {
    out.key(name).begin_array();
    for (Words lines(text ? *text : std::string_view(), '\n'); !lines.empty();)
      write_io_line(out, lines.next(), keys);
    out.end_array();
  };
  list("ioServiceBytesRecursive", kBytes);
  list("ioServicedRecursive", kRequests);
  write_pressure(out, group, "io.pressure");
  out.end_object();
}

void write_huge_pages(json::Writer& out, const Group& group) {
  constexpr std::string_view kPrefix = "hugetlb.", kSuffix = ".current";
  const auto names = sys::entry_names(group.directory(), kMostFiles);
  out.key("hugetlb").begin_object();
  std::vector<std::string> sizes;
  for (const std::string& name : names ? *names : std::vector<std::string>())
    if (name.starts_with(kPrefix) && name.ends_with(kSuffix) && name.find(".rsvd.") == name.npos)
      sizes.push_back(name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size()));
  std::sort(sizes.begin(), sizes.end());
  for (const std::string& size : sizes) {
    const std::string file = cat(kPrefix, size);
    write_usage(out, size.c_str(), group, file, keyed(group, file + ".events", "max"));
  }
  out.end_object();
}

}  // namespace

std::string statistics_json(const cgroup::Group& group) {
  json::Writer out;
  out.begin_object();
  write_cpu(out, group);
  write_memory(out, group);
  write_pids(out, group);
  write_io(out, group);
  write_huge_pages(out, group);
  out.end_object();
  return std::move(out).take();
}

}  // namespace wolffia::container
