// SPDX-License-Identifier: Apache-2.0
#include "cli/runtime/options.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/table_support.hpp"

namespace wolffia::cli::runtime {
namespace {

TEST(options, have_names_and_letters_once) {
  for (const Command* command : kCommands) {
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const Option* option : command->options) {
      EXPECT_TRUE(names.insert(option->name).second) << command->name << " --" << option->name;
      if (option->letter == 0) continue;
      EXPECT_TRUE(letters.insert(option->letter).second) << command->name << " " << option->letter;
    }
  }
}

TEST(options, offer_help_on_every_command) {
  for (const Command* command : kCommands) {
    const auto& options = command->options;
    const bool has = std::find(options.begin(), options.end(), &kHelp) != options.end();
    EXPECT_EQ(has, command->missing.empty()) << command->name;
  }
}

TEST(options, are_all_in_help) {
  for (const Command* command : kCommands) {
    if (!command->missing.empty()) continue;
    const std::string text = help(kProgram, *command);
    for (const Option* option : command->options)
      EXPECT_NE(text.find(cat("--", option->name)), std::string::npos)
          << command->name << " --" << option->name;
  }
}

TEST(options, fit_help_into_a_terminal) {
  std::string all = help(kProgram);
  for (const Command* command : kCommands)
    all += help(kProgram, *command);
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 80U) << line;
}

TEST(options, are_all_in_the_man_page) {
  expect_in_man("wolffia-oci.1", kGlobalOptions, ".SH OPTIONS");
  for (const Command* command : kCommands)
    if (command->missing.empty())
      expect_in_man("wolffia-oci.1", command->options, cat(".SS ", command->name));
}

TEST(options, that_are_missing_are_named_in_the_man_page) {
  const std::string section = man_section("wolffia-oci.1", ".SH NOT IN THIS RELEASE");
  for (const Command* command : kCommands) {
    if (command->missing.empty()) continue;
    EXPECT_NE(section.find(cat("\\fB", command->name, "\\fR")), std::string::npos) << command->name;
  }
}

TEST(options, are_completed_by_bash) {
  expect_rendered("bash/wolffia-oci", bash_completion(kProgram));
}

TEST(options, are_completed_by_zsh) {
  expect_rendered("zsh/_wolffia-oci", zsh_completion(kProgram));
}

TEST(options, are_completed_by_fish) {
  expect_rendered("fish/wolffia-oci.fish", fish_completion(kProgram));
}

TEST(options, are_in_every_completion) {
  for (const Command* command : kCommands) {
    if (!command->missing.empty()) continue;
    for (const Option* option : command->options) {
      if (!option->missing.empty()) continue;
      EXPECT_NE(bash_completion(kProgram).find(cat("--", option->name)), std::string::npos);
      EXPECT_NE(zsh_completion(kProgram).find(cat("--", option->name)), std::string::npos);
      EXPECT_NE(fish_completion(kProgram).find(cat("-l ", option->name)), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace wolffia::cli::runtime
