// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "cli/option.hpp"

/// Shell completions rendered from the option table. No program prints them: packaging/completions
/// holds the files, and tests/cli/runtime proves that they are what is rendered here.
namespace wolffia::cli {

std::string bash_completion(const Program& program);
std::string zsh_completion(const Program& program);
std::string fish_completion(const Program& program);

}  // namespace wolffia::cli
