// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <new>

#include "cli/help.hpp"
#include "cli/output.hpp"
#include "cli/runtime/commands.hpp"
#include "cli/runtime/options.hpp"
#include "sys/standard_streams.hpp"

namespace wolffia::cli::runtime {
namespace {

struct Handler {
  const Command* command;
  Result<int> (*run)(const Invocation& call, int& failure);
};

constexpr std::array kHandlers{
    Handler{&kCreate, run_create}, Handler{&kStart, run_start},      Handler{&kRun, run_run},
    Handler{&kExec, run_exec},     Handler{&kKill, run_kill},        Handler{&kDelete, run_delete},
    Handler{&kState, run_state},   Handler{&kList, run_list},        Handler{&kPs, run_ps},
    Handler{&kSpec, run_spec},     Handler{&kFeatures, run_features}};

Result<Log> open_log(const Arguments& arguments) {
  LogOptions options{.program = std::string(kProgram.name),
                     .file = std::string(arguments.value(kLog)),
                     .format = {},
                     .level = {}};
  if (const auto word = arguments.find(kLogFormat))
    options.format = *word == "json" ? Format::Json : Format::Text;
  if (const auto word = arguments.find(kLogLevel)) options.level = parse_level(*word);
  if (arguments.has(kDebug)) options.level = Level::Debug;
  return Log::open(std::move(options));
}

/// --help and --version, wherever they stood. True when one was asked for.
Result<bool> answer(const Arguments& arguments) {
  if (arguments.has(kHelp)) {
    TRY(print(arguments.command() ? help(kProgram, *arguments.command()) : help(kProgram)));
    return true;
  }
  if (!arguments.has(kVersion)) return false;
  TRY(print_version());
  return true;
}

int complain(const Error& error) {
  print_message(sentence(kProgram.name, Level::Error, error.message()));
  return 1;
}

Result<int> dispatch(const Invocation& call, int& failure) {
  const auto* handler = std::find_if(kHandlers.begin(), kHandlers.end(), [&](const Handler& one) {
    return one.command == call.arguments.command();
  });
  return handler->run(call, failure);
}

int run(std::span<const char* const> words) {
  Arguments arguments;
  auto usable = parse(kProgram, words, arguments);
  if (usable) {
    const auto answered = answer(arguments);
    if (!answered) return complain(answered.error());
    if (*answered) return 0;
    // Before anything of ours is opened: it would take the number of a missing one.
    usable = check_preserved_fds(arguments);
  }
  const auto log = open_log(arguments);
  if (!log) return complain(log.error());
  int failure = 1;
  const auto status =
      usable ? dispatch({arguments, *log}, failure) : Result<int>(std::move(usable).error());
  if (status) return *status;
  log->error(status.error().message());
  return failure;
}

}  // namespace
}  // namespace wolffia::cli::runtime

int main(int argc, char** argv) {
  using namespace wolffia::cli;
  if (!wolffia::sys::fill_standard_streams()) return 1;  // and nowhere to say so
  try {
    const size_t words = argc > 0 ? static_cast<size_t>(argc) - 1 : 0;
    return runtime::run({argv + (argc > 0 ? 1 : 0), words});
  } catch (const std::bad_alloc&) {
    print_message("wolffia-oci: out of memory\n");
    return 1;
  }
}
