// SPDX-License-Identifier: Apache-2.0
#include "cli/front.hpp"

#include <algorithm>

#include "base/version.hpp"
#include "cli/help.hpp"
#include "cli/log.hpp"
#include "cli/output.hpp"

namespace wolffia::cli {
namespace {

Result<int> dispatch(const Program& program, std::span<const Handler> handlers,
                     const Arguments& arguments) {
  const Command* command = arguments.command();
  const bool wants_version = program.version && arguments.has(*program.version);
  if (arguments.has(*program.help) || (!command && !wants_version)) {
    TRY(print(command ? help(program, *command) : help(program)));
    return 0;
  }
  if (wants_version) {
    TRY(print(cat(program.name, " version ", kVersion, "\ncommit: ", kCommit, "\n")));
    return 0;
  }
  const auto handler = std::find_if(handlers.begin(), handlers.end(),
                                    [&](const Handler& one) { return one.command == command; });
  return handler->run(arguments);
}

}  // namespace

int run_front(const Program& program, std::span<const Handler> handlers,
              std::span<const char* const> words, int failed) {
  Arguments arguments;
  const auto usable = parse(program, words, arguments);
  const auto status = usable ? dispatch(program, handlers, arguments) : Result<int>(usable.error());
  if (status) return *status;
  print_message(sentence(program.name, Level::Error, status.error().message()));
  return failed;
}

}  // namespace wolffia::cli
