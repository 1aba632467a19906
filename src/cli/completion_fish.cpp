// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"
#include "cli/completion_parts.hpp"

namespace wolffia::cli {

using namespace completion;

namespace {

std::string fish_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string fish_option(const Program& program, std::string_view condition, const Option& option) {
  std::string out = cat("complete -c ", program.name, " -n '", condition, "' -l ", option.name);
  if (option.letter != 0) out += cat(" -s ", std::string(1, option.letter));
  const std::string words = word_list(option);
  if (!words.empty())
    out += cat(takes_value(option) ? " -x" : "", " -a '", words, "'");
  else if (option.complete == Complete::Directory)
    out += " -x -a '(__fish_complete_directories)'";
  else if (option.complete == Complete::File)
    out += " -r -F";
  else if (takes_value(option))
    out += " -x";
  return out + cat(" -d '", fish_text(option.help), "'\n");
}

/// A function that says whether the command in front of the cursor is its argument; '' while there
/// is none. fish's own __fish_use_subcommand takes the value of an option for it.
std::string fish_command_test(const Program& program) {
  const std::vector<std::string> options = with_value(program);
  const std::string skip_value =
      options.empty() ? ""
                      : cat("      case ", joined(options, " "), "\n        set -e words[1]\n");
  return cat("function _", function_name(program),
             "_at\n"
             "  set -l words (commandline -opc)\n"
             "  set -e words[1]\n"
             "  while set -q words[1]\n"
             "    switch $words[1]\n",
             skip_value,
             "      case '-*'\n"
             "      case '*'\n"
             "        break\n"
             "    end\n"
             "    set -e words[1]\n"
             "  end\n"
             "  test \"$words[1]\" = \"$argv\"\n"
             "end\n");
}

/// What may stand behind the options of a command.
std::string fish_arguments(const Program& program, Complete complete) {
  switch (complete) {
    case Complete::Container:
    case Complete::Image:
      return cat(" -a '(", printing(program, complete), ")'");
    case Complete::ImageOrDirectory:
      return cat(" -a '(", printing(program, complete), "; __fish_complete_directories)'");
    case Complete::Directory:
      return " -a '(__fish_complete_directories)'";
    case Complete::File:
      return " -F";
    case Complete::Nothing:
      break;
  }
  return "";
}

}  // namespace

std::string fish_completion(const Program& program) {
  const std::string at = cat("_", function_name(program), "_at");
  const std::string start = cat("complete -c ", program.name);
  std::string out = cat(heading(program, ""), fish_command_test(program), start, " -f\n");
  for (const Option* option : offered(program.options))
    out += fish_option(program, at, *option);
  for (const Command* command : offered(program)) {
    out += cat(start, " -n '", at, "' -a ", command->name, " -d '", fish_text(command->summary),
               "'\n");
    const std::string behind = cat(at, " ", command->name);
    for (const Option* option : offered(options_of(*command)))
      out += fish_option(program, behind, *option);
    if (const std::string arguments = fish_arguments(program, command->complete);
        !arguments.empty())
      out += cat(start, " -n '", behind, "'", arguments, "\n");
  }
  return out;
}

}  // namespace wolffia::cli
