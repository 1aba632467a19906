// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "cli/option.hpp"

namespace wolffia::cli {

/// What --help prints, for the program or for one of its commands.
std::string help(const Program& program);
std::string help(const Program& program, const Command& command);

/// The left column of an option: "-b, --bundle DIR", "    --rootless[=true|false|auto]".
std::string synopsis(const Option& option);

}  // namespace wolffia::cli
