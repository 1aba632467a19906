// SPDX-License-Identifier: Apache-2.0
#include "cli/user/commands.hpp"

#include <gtest/gtest.h>

#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/table_support.hpp"

namespace wolffia::cli::user {
namespace {

TEST(user_options, are_all_in_the_man_page) {
  expect_in_man("wolffia.1", kGlobalOptions, ".SH OPTIONS");
  for (const Command* command : kCommands)
    if (command->missing.empty())
      expect_in_man("wolffia.1", command->options, cat(".SS ", command->name));
}

TEST(user_options, name_what_only_others_have_in_the_man_page) {
  const std::string section = man_section("wolffia.1", ".SS Of other programs");
  for (const Command* command : kCommands)
    if (!command->missing.empty()) {
      EXPECT_NE(section.find(cat(" ", command->name)), std::string::npos) << command->name;
    }
}

TEST(user_options, are_shown_by_examples_that_parse) {
  for (const Command* command : kCommands) {
    const bool has_help = !command->options.empty();  // what is handed on or missing has none
    EXPECT_NE(command->examples.empty(), has_help) << command->name;
    expect_examples_parse(kProgram, *command);
  }
}

TEST(user_options, are_all_in_help) {
  for (const Command* command : kCommands)
    for (const Option* option : command->options)
      EXPECT_NE(help(kProgram, *command).find(cat("--", option->name)), std::string::npos);
}

TEST(user_options, fit_help_into_a_terminal) {
  std::string text = help(kProgram);
  for (const Command* command : kCommands)
    text += help(kProgram, *command);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 80U) << line;
}

TEST(user_options, are_completed_by_every_shell) {
  expect_rendered("bash/wolffia", bash_completion(kProgram));
  expect_rendered("zsh/_wolffia", zsh_completion(kProgram));
  expect_rendered("fish/wolffia.fish", fish_completion(kProgram));
}

}  // namespace
}  // namespace wolffia::cli::user
