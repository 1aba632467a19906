// SPDX-License-Identifier: Apache-2.0
#include "container/resources.hpp"

#include <unistd.h>

#include <array>

#include "base/quote.hpp"
#include "base/words.hpp"
#include "cli/output.hpp"
#include "cli/quantities.hpp"
#include "cli/runtime/commands.hpp"
#include "cli/runtime/options.hpp"
#include "container/watch.hpp"
#include "json/writer.hpp"
#include "oci/parse_runtime.hpp"
#include "sys/file.hpp"

/// pause, resume, update and events.
namespace wolffia::cli::runtime {
namespace {

constexpr size_t kResourcesLimit = size_t{16} << 20U;  // as config.json
constexpr uint64_t kDefaultInterval = 5;               // seconds, as runc's
constexpr uint64_t kLongestInterval = 86'400;

enum class Takes : uint8_t { Number, Size, Text };

/// An option of update, and the field of linux.resources that it stands for.
struct Flag {
  const Option* option;
  std::string_view section, field;
  Takes takes;
};

constexpr std::array kFlags{
    Flag{&kMemory, "memory", "limit", Takes::Size},
    Flag{&kMemoryReservation, "memory", "reservation", Takes::Size},
    Flag{&kMemorySwap, "memory", "swap", Takes::Size},
    Flag{&kCpuShare, "cpu", "shares", Takes::Number},
    Flag{&kCpuQuota, "cpu", "quota", Takes::Number},
    Flag{&kCpuBurst, "cpu", "burst", Takes::Number},
    Flag{&kCpuPeriod, "cpu", "period", Takes::Number},
    Flag{&kCpuIdle, "cpu", "idle", Takes::Number},
    Flag{&kCpusetCpus, "cpu", "cpus", Takes::Text},
    Flag{&kCpusetMems, "cpu", "mems", Takes::Text},
    Flag{&kBlkioWeight, "blockIO", "weight", Takes::Number},
    Flag{&kPidsLimit, "pids", "limit", Takes::Number},
};

/// The JSON value; -1 lifts a limit.
Result<std::string> json_value(const Flag& flag, std::string_view text) {
  const std::string name = cat("--", flag.option->name);
  if (flag.takes == Takes::Text) {
    std::string quoted_text;
    json::append_quoted(quoted_text, text);
    return quoted_text;
  }
  if (text == "-1") return std::string(text);
  if (flag.takes == Takes::Size) return cat(TRY(parse_size(name, text)));
  return cat(TRY(parse_number(name, text, INT64_MAX)));
}

Result<std::string> read_resources(std::string_view file) {
  if (file != "-")
    return TRY(sys::read_file(sys::cwd(), std::string(file).c_str(), kResourcesLimit),
               "--resources ", quoted_if_needed(file));
  const sys::BorrowedFd input(STDIN_FILENO);  // not by its path: a socket cannot be opened again
  return TRY(sys::read_all(input.fd(), kResourcesLimit), "standard input");
}

}  // namespace

Result<std::string> limits_of_update(const Arguments& arguments) {
  json::Writer out;
  out.begin_object();
  std::string_view open;
  for (const Flag& flag : kFlags) {
    const std::optional<std::string_view> text = arguments.find(*flag.option);
    if (!text) continue;
    if (flag.section != open) {
      if (!open.empty()) out.end_object();
      out.key(open = flag.section).begin_object();
    }
    out.key(flag.field).raw(TRY(json_value(flag, *text)));
  }
  if (!open.empty()) out.end_object();
  out.end_object();
  return std::move(out).take();
}

Result<int> run_pause(const Invocation& call, int&) {
  const container::Store store = TRY(call.open_store());
  TRY(container::pause(store, call.id()));
  return 0;
}

Result<int> run_resume(const Invocation& call, int&) {
  const container::Store store = TRY(call.open_store());
  TRY(container::resume(store, call.id()));
  return 0;
}

Result<int> run_update(const Invocation& call, int&) {
  const Arguments& arguments = call.arguments;
  std::string text = TRY(limits_of_update(arguments));
  if (const auto file = arguments.find(kResources)) {
    if (text != "{}")
      return Error::because(EINVAL, "update takes --resources or single limits, not both");
    text = TRY(read_resources(*file));
  } else if (text == "{}") {
    return Error::because(EINVAL, "update needs a limit to change: see update --help");
  }
  const oci::Resources resources = TRY(oci::parse_resources(std::move(text)));
  const container::Store store = TRY(call.open_store());
  TRY(container::update(store, call.id(), resources, call.notify()));
  return 0;
}

Result<int> run_events(const Invocation& call, int&) {
  const Arguments& arguments = call.arguments;
  std::optional<std::chrono::milliseconds> interval;
  const uint64_t seconds =
      TRY(parse_duration("--interval", arguments.value(kInterval, cat(kDefaultInterval))));
  if (seconds == 0 || seconds > kLongestInterval)
    return Error::because(EINVAL, cat("--interval must be from 1 s to ", kLongestInterval, " s"));
  if (!arguments.has(kStats)) interval = std::chrono::seconds(seconds);
  const container::Store store = TRY(call.open_store());
  TRY(container::watch(store, call.id(), interval,
                       [](const std::string& json) { return print(json + "\n"); }));
  return 0;
}

}  // namespace wolffia::cli::runtime
