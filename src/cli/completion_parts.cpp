// SPDX-License-Identifier: Apache-2.0
#include "cli/completion_parts.hpp"

#include <algorithm>

namespace wolffia::cli::completion {

bool takes_value(const Option& option) {
  return option.takes == Takes::Value || option.takes == Takes::List;
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts)
    out += cat(out.empty() ? "" : separator, part);
  return out;
}

std::string word_list(const Option& option) {
  std::vector<std::string> words;
  for (const std::string_view word : words_of(option))
    words.emplace_back(word);
  return joined(words, " ");
}

std::vector<const Option*> offered(Options options) {
  std::vector<const Option*> out;
  std::copy_if(options.begin(), options.end(), std::back_inserter(out),
               [](const Option* option) { return option->missing.empty(); });
  return out;
}

std::vector<const Command*> offered(const Program& program) {
  std::vector<const Command*> out;
  std::copy_if(program.commands.begin(), program.commands.end(), std::back_inserter(out),
               [](const Command* command) { return command->missing.empty(); });
  return out;
}

Options options_of(const Command& command) {
  if (!command.handed_to) return command.options;
  const auto commands = command.handed_to->commands;
  const auto same = std::find_if(commands.begin(), commands.end(),
                                 [&](const Command* other) { return other->name == command.name; });
  return same == commands.end() ? Options() : (*same)->options;
}

bool completes_images(const Command& command) {
  return command.complete == Complete::Image || command.complete == Complete::ImageOrDirectory;
}

std::string printing(const Program& program, Complete complete) {
  switch (complete) {
    case Complete::Container:
      return cat(program.name, " ", program.list, " 2>/dev/null");
    case Complete::Image:
    case Complete::ImageOrDirectory:
      return cat(program.name, " ", program.images, " 2>/dev/null");
    default:
      return "";
  }
}

std::string function_name(const Program& program) {
  std::string name = cat("_", program.name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string heading(const Program& program, std::string_view first_line) {
  return cat(first_line, "# SPDX-License-Identifier: Apache-2.0\n# Completion of ", program.name,
             ", rendered from its option table: see src/cli/completion.hpp.\n");
}

std::vector<std::string> with_value(const Program& program) {
  std::vector<std::string> names;
  for (const Option* option : offered(program.options))
    if (takes_value(*option)) names.push_back(cat("--", option->name));
  return names;
}

}  // namespace wolffia::cli::completion
