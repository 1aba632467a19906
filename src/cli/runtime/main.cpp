// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <new>
#include <span>

#include "cli/help.hpp"
#include "cli/output.hpp"
#include "cli/runtime/commands.hpp"
#include "cli/runtime/options.hpp"
#include "container/exec.hpp"
#include "launch/protocol.hpp"
#include "launch/self.hpp"
#include "sys/memory.hpp"
#include "sys/standard_streams.hpp"

namespace wolffia::cli::runtime {
namespace {

struct Handler {
  const Command* command;
  Result<int> (*run)(const Invocation& call, int& failure);
};

constexpr std::array kHandlers{Handler{&kCreate, run_create},
                               Handler{&kStart, run_start},
                               Handler{&kRun, run_run},
                               Handler{&kExec, run_exec},
                               Handler{&kKill, run_kill},
                               Handler{&kDelete, run_delete},
                               Handler{&kState, run_state},
                               Handler{&kList, run_list},
                               Handler{&kPs, run_ps},
                               Handler{&kPause, run_pause},
                               Handler{&kResume, run_resume},
                               Handler{&kUpdate, run_update},
                               Handler{&kEvents, run_events},
                               Handler{&kSpec, run_spec},
                               Handler{&kFeatures, run_features}};

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

/// Those that start a process inside a container, from where /proc/PID/exe shows our own program.
bool enters_container(const Arguments& arguments) {
  const Command* command = arguments.command();
  return command == &kCreate || command == &kRun || command == &kExec;
}

/// What has to come before anything of ours is opened, in this order.
Result<void> before_opening(const Arguments& arguments, char** argv) {
  TRY(check_preserved_fds(arguments));
  if (enters_container(arguments)) TRY(launch::protect_self(argv), "protecting this program");
  return {};
}

int run(char** argv, size_t words) {
  Arguments arguments;
  auto usable = parse(kProgram, std::span(argv, words).subspan(1), arguments);
  int failure = 1;
  if (usable) {
    if (arguments.command() == &kExec) failure = container::kExecFailed;
    const auto answered = answer(arguments);
    if (!answered) return complain(answered.error());
    if (*answered) return 0;
    usable = before_opening(arguments, argv);
  }
  const auto own_failure = arguments.number(kFailureStatus, 1, 255);
  if (usable && !own_failure) usable = own_failure.error();
  const auto log = open_log(arguments);
  if (!log) return complain(log.error());
  Notices notices(*log);
  const auto status =
      usable ? dispatch({arguments, notices}, failure) : Result<int>(std::move(usable).error());
  if (!status) log->error(status.error().message());
  notices.settle();
  if (status) return *status;
  const bool is_the_programs =
      failure == launch::kStatusNotFound || failure == launch::kStatusCannotExecute;
  const bool is_chosen = own_failure && arguments.has(kFailureStatus) && !is_the_programs;
  return is_chosen ? static_cast<int>(*own_failure) : failure;
}

}  // namespace
}  // namespace wolffia::cli::runtime

int main(int argc, char** argv) {
  using namespace wolffia::cli;
  wolffia::sys::expect_short_life();
  if (!wolffia::sys::fill_standard_streams()) return 1;  // and nowhere to say so
  if (argc < 1) return 1;                                // execve(2) with an empty argv
  try {
    return runtime::run(argv, static_cast<size_t>(argc));
  } catch (const std::bad_alloc&) {
    print_message("wolffia-oci: out of memory\n");
    return 1;
  }
}
