// SPDX-License-Identifier: Apache-2.0
#include <new>
#include <span>

#include "base/version.hpp"
#include "cli/help.hpp"
#include "cli/log.hpp"
#include "cli/output.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/doctor.hpp"
#include "cli/user/run.hpp"
#include "sys/standard_streams.hpp"

namespace wolffia::cli::user {
namespace {

/// podman's and docker's: the runner itself failed, not the program.
constexpr int kRunnerFailed = 125;

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
  return command == &kDoctor ? run_doctor(arguments) : run(arguments);
}

int run_program(std::span<const char* const> words) {
  Arguments arguments;
  const auto usable = parse(kProgram, words, arguments);
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
