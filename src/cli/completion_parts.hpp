// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option.hpp"

/// What the completions of all shells say about an option table.
namespace wolffia::cli::completion {

using Options = std::span<const Option* const>;

bool takes_value(const Option& option);
std::string joined(const std::vector<std::string>& parts, std::string_view separator);

/// The words of an option, one blank between two.
std::string word_list(const Option& option);

/// Only what this release carries out is worth completing.
std::vector<const Option*> offered(Options options);
std::vector<const Command*> offered(const Program& program);

/// The options of `command`, whichever program they are of.
Options options_of(const Command& command);

bool completes_images(const Command& command);

/// The command line that prints the images or containers that `complete` means; empty: neither.
std::string printing(const Program& program, Complete complete);

/// A name for shell functions: "wolffia-oci" is "_wolffia_oci".
std::string function_name(const Program& program);

/// The first lines of a file of completions, under `first_line`.
std::string heading(const Program& program, std::string_view first_line);

/// The options in front of the command whose value is a word of its own.
std::vector<std::string> with_value(const Program& program);

}  // namespace wolffia::cli::completion
