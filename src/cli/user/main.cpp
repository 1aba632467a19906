// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <new>
#include <span>

#include "base/version.hpp"
#include "cli/help.hpp"
#include "cli/log.hpp"
#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/doctor.hpp"
#include "cli/user/handed_on.hpp"
#include "cli/user/run.hpp"
#include "sys/standard_streams.hpp"

namespace wolffia::cli::user {
namespace {

/// podman's and docker's: the runner itself failed, not the program.
constexpr int kRunnerFailed = 125;

struct Handler {
  const Command* command;
  Result<int> (*run)(const Arguments& arguments);
};

constexpr std::array kHandlers{Handler{&kRun, run},
                               Handler{&kPs, run_ps},
                               Handler{&kLogs, run_logs},
                               Handler{&kExec, run_exec},
                               Handler{&kShell, run_shell},
                               Handler{&kStop, run_stop},
                               Handler{&kStart, run_start},
                               Handler{&kKill, run_kill},
                               Handler{&kRmCommand, run_rm},
                               Handler{&kWait, run_wait},
                               Handler{&kInspect, run_inspect},
                               Handler{&kRename, run_rename},
                               Handler{&kTop, run_top},
                               Handler{&kImages, run_images},
                               Handler{&kHistory, run_history},
                               Handler{&kTag, run_tag},
                               Handler{&kRmi, run_rmi},
                               Handler{&kGc, run_gc},
                               Handler{&kCompletion, run_completion},
                               Handler{&kVersionCommand, run_version},
                               Handler{&kDoctor, run_doctor}};
constexpr size_t kHandedOnCommands = 3;  // handed_on.hpp
static_assert(kHandlers.size() + kHandedOnCommands == kCommands.size());

Result<int> dispatch(const Arguments& arguments) {
  const Command* command = arguments.command();
  if (arguments.has(kHelp) || (!command && !arguments.has(kVersion))) {
    TRY(print(command ? help(kProgram, *command) : help(kProgram)));
    return 0;
  }
  if (arguments.has(kVersion)) {
    TRY(print(cat(kProgram.name, " version ", wolffia::kVersion, "\ncommit: ", kCommit, "\n")));
    return 0;
  }
  const auto* handler = std::find_if(kHandlers.begin(), kHandlers.end(),
                                     [&](const Handler& one) { return one.command == command; });
  return handler->run(arguments);
}

int run_program(std::span<const char* const> words) {
  Arguments arguments;
  const auto handed_on = hand_on(words);
  const auto usable =
      handed_on ? parse(kProgram, words, arguments) : Result<void>(handed_on.error());
  const auto status = usable ? dispatch(arguments) : Result<int>(usable.error());
  if (status) return *status;
  print_message(sentence(kProgram.name, Level::Error, status.error().message()));
  return kRunnerFailed;
}

}  // namespace
}  // namespace wolffia::cli::user

int main(int argc, char** argv) {
  using namespace wolffia::cli;
  if (!wolffia::sys::fill_standard_streams()) return 1;  // and nowhere to say so
  try {
    const size_t words = argc > 0 ? static_cast<size_t>(argc) - 1 : 0;
    return user::run_program({argv + (argc > 0 ? 1 : 0), words});
  } catch (const std::bad_alloc&) {
    print_message("wolffia: out of memory\n");
    return 1;
  }
}
