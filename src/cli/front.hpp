// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "cli/option.hpp"

namespace wolffia::cli {

/// What a command does; it returns the exit status.
struct Handler {
  const Command* command;
  Result<int> (*run)(const Arguments& arguments);
};

/// Answers --help and --version, or runs the handler of the command. An error is told on standard
/// error; then the exit status is `failed`. Precondition: every command that parses has a handler.
int run_front(const Program& program, std::span<const Handler> handlers,
              std::span<const char* const> words, int failed);

}  // namespace wolffia::cli
