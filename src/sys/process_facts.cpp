// SPDX-License-Identifier: Apache-2.0
#include "sys/process_facts.hpp"

#include <array>

#include "base/words.hpp"
#include "sys/file.hpp"

namespace wolffia::sys {
namespace {

constexpr size_t kProcFileLimit = 4096;
constexpr size_t kBootIdLimit = 64;

// linux/sched.h, not in any header for programs; "forked but didn't exec" since Linux 2.2.
constexpr uint64_t kForkNoExec = 0x40;

Error no_stat() {
  return Error::because(EINVAL, "not the text of a /proc/PID/stat");
}

}  // namespace

bool is_boot_id(std::string_view word) {
  return word.size() <= kBootIdLimit &&
         word.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

// Fields after the name, which may hold spaces and parentheses: 3 state, 4 ppid, 9 flags,
// 22 starttime. Source: proc(5).
Result<ProcessFacts> parse_stat(std::string_view text) {
  const size_t name_end = text.rfind(") ");
  if (name_end == std::string_view::npos) return no_stat();
  Words words(text.substr(name_end + 2));
  constexpr size_t kFirst = 3;
  constexpr size_t kLast = 22;
  std::array<std::string_view, kLast + 1> field;
  for (size_t i = kFirst; i <= kLast; ++i)
    field[i] = words.next();
  ProcessFacts facts;
  uint64_t flags = 0;
  if (!read_number(field[4], facts.parent) || !read_number(field[9], flags) ||
      !read_number(field[22], facts.start_time) || field[3].size() != 1)
    return no_stat();
  facts.zombie = field[3] == "Z" || field[3] == "X";
  facts.stopped = field[3] == "T" || field[3] == "t";
  facts.never_executed = (flags & kForkNoExec) != 0;
  return facts;
}

Result<ProcessFacts> read_facts(pid_t pid) {
  const std::string path = cat("/proc/", pid, "/stat");
  const std::string text = TRY(read_record(cwd(), path.c_str(), kProcFileLimit));
  return parse_stat(text);
}

std::string read_boot_id() {
  auto text = read_record(cwd(), "/proc/sys/kernel/random/boot_id", kProcFileLimit);
  if (!text) return {};  // hidden: pid and start time must do
  std::string id = std::move(text).value();
  if (id.ends_with('\n')) id.pop_back();
  return is_boot_id(id) ? id : std::string();
}

}  // namespace wolffia::sys
