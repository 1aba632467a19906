// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <algorithm>
#include <array>
#include <new>
#include <span>

#include "base/version.hpp"
#include "cli/help.hpp"
#include "cli/image/commands.hpp"
#include "cli/image/options.hpp"
#include "cli/log.hpp"
#include "cli/output.hpp"
#include "sys/standard_streams.hpp"

namespace wolffia::cli::image {
namespace {

struct Handler {
  const Command* command;
  Result<int> (*run)(const Arguments& arguments);
};

constexpr std::array kHandlers{
    Handler{&kPull, run_pull},       Handler{&kUnpack, run_unpack}, Handler{&kCopy, run_copy},
    Handler{&kInspect, run_inspect}, Handler{&kSign, run_sign},     Handler{&kVerify, run_verify},
    Handler{&kLogin, run_login},     Handler{&kLogout, run_logout},
};

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
  const auto usable = parse(kProgram, words, arguments);
  const auto status = usable ? dispatch(arguments) : Result<int>(usable.error());
  if (status) return *status;
  print_message(sentence(kProgram.name, Level::Error, status.error().message()));
  return 1;
}

}  // namespace
}  // namespace wolffia::cli::image

int main(int argc, char** argv) {
  using namespace wolffia::cli;
  (void)::signal(SIGPIPE, SIG_IGN);  // a process that unpacks may die first: EPIPE says so
  if (!wolffia::sys::fill_standard_streams()) return 1;  // and nowhere to say so
  try {
    const size_t words = argc > 0 ? static_cast<size_t>(argc) - 1 : 0;
    return image::run_program({argv + (argc > 0 ? 1 : 0), words});
  } catch (const std::bad_alloc&) {
    print_message("wolffia-image: out of memory\n");
    return 1;
  }
}
