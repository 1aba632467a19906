// SPDX-License-Identifier: Apache-2.0
#include "cli/image_options.hpp"

#include <gtest/gtest.h>

#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/table_support.hpp"

namespace wolffia::cli::image {
namespace {

TEST(image_options, are_all_in_the_man_page) {
  expect_in_man("wolffia-image.1", kGlobalOptions, ".SH OPTIONS");
  for (const Command* command : kCommands)
    expect_in_man("wolffia-image.1", command->options, cat(".SS ", command->name));
}

TEST(image_options, are_shown_by_examples_that_parse) {
  for (const Command* command : kCommands) {
    EXPECT_FALSE(command->examples.empty()) << command->name;
    expect_examples_parse(kProgram, *command);
  }
}

TEST(image_options, fit_help_into_a_terminal) {
  std::string text = help(kProgram);
  for (const Command* command : kCommands)
    text += help(kProgram, *command);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 80U) << line;
}

TEST(image_options, are_completed_by_every_shell) {
  expect_rendered("bash/wolffia-image", bash_completion(kProgram));
  expect_rendered("zsh/_wolffia-image", zsh_completion(kProgram));
  expect_rendered("fish/wolffia-image.fish", fish_completion(kProgram));
}

}  // namespace
}  // namespace wolffia::cli::image
