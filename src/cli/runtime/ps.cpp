// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <optional>

#include "cli/output.hpp"
#include "cli/runtime/commands.hpp"
#include "cli/runtime/options.hpp"
#include "container/processes.hpp"
#include "json/writer.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace wolffia::cli::runtime {
namespace {

constexpr const char* kPsProgram = "/usr/bin/ps";  // by its path: PATH is never searched
constexpr size_t kOutputLimit = size_t{64} << 20U;

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// What ps(1) prints about every process of the host with these options.
Result<std::string> run_program(std::span<const std::string_view> options) {
  std::vector<std::string> args{"ps"};
  args.insert(args.end(), options.begin(), options.end());
  if (options.empty()) args.emplace_back("-ef");
  const std::vector<std::string> env{"PATH=/usr/bin:/bin"};
  auto [output, input] = TRY(sys::make_pipe(0));
  sys::Program program{.path = kPsProgram, .args = args, .env = env};
  program.stdout_fd = input.get();
  auto process = sys::spawn(program);
  if (!process && process.error().is(ENOENT))
    return Error::because(ENOENT, cat("the table needs ", kPsProgram,
                                      " (Debian: procps); ps --format json does without"));
  if (!process) return std::move(process).error().context(kPsProgram);
  input.reset();  // so that we read its end
  std::string text = TRY(sys::read_all(output, kOutputLimit), kPsProgram);
  const sys::Ended ended = TRY(sys::wait_for(*process));
  if (ended.status() != 0)
    return Error::because(EINVAL, cat(kPsProgram, " ended with status ", ended.status()));
  return text;
}

/// The position of the column PID in the heading.
Result<size_t> pid_column(std::string_view heading) {
  const std::vector<std::string_view> columns = split(heading, " \t");
  const auto pid = std::find(columns.begin(), columns.end(), "PID");
  if (pid != columns.end()) return static_cast<size_t>(pid - columns.begin());
  return Error::because(EINVAL, "the ps options must keep the column PID");
}

std::optional<pid_t> pid_at(std::string_view line, size_t column) {
  const std::vector<std::string_view> cells = split(line, " \t");
  if (column >= cells.size()) return {};
  const std::string_view cell = cells[column];
  pid_t pid = 0;
  const auto [end, fault] = std::from_chars(cell.data(), cell.data() + cell.size(), pid);
  if (fault != std::errc() || end != cell.data() + cell.size()) return {};
  return pid;
}

}  // namespace

Result<std::string> filter_ps(std::string_view text, std::span<const pid_t> pids) {
  const std::vector<std::string_view> lines = split(text, "\n");
  if (lines.empty()) return Error::because(EINVAL, "ps printed nothing");
  const size_t column = TRY(pid_column(lines.front()));
  std::string out = cat(lines.front(), "\n");
  for (const std::string_view line : std::span(lines).subspan(1)) {
    const std::optional<pid_t> pid = pid_at(line, column);
    if (pid && std::binary_search(pids.begin(), pids.end(), *pid)) out += cat(line, "\n");
  }
  return out;
}

Result<int> run_ps(const Invocation& call, int&) {
  const container::Store store = TRY(call.open_store());
  const std::vector<pid_t> pids = TRY(container::processes(store, call.id()));
  if (call.arguments.value(kFormat, "table") == "json") {
    json::Writer out;
    out.begin_array();
    for (const pid_t pid : pids)
      out.value(pid);
    out.end_array();
    TRY(print(std::move(out).take() + "\n"));
    return 0;
  }
  const std::string text = TRY(run_program(call.arguments.positionals().subspan(1)));
  TRY(print(TRY(filter_ps(text, pids))));
  return 0;
}

}  // namespace wolffia::cli::runtime
