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
    expect_in_man("wolffia.1", command->options, cat(".SS ", command->name));
}

TEST(user_options, are_all_in_help) {
  for (const Command* command : kCommands)
    for (const Option* option : command->options)
      EXPECT_NE(help(kProgram, *command).find(cat("--", option->name)), std::string::npos);
}

TEST(user_options, fit_help_into_a_terminal) {
  std::istringstream lines(help(kProgram) + help(kProgram, kRun));
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
