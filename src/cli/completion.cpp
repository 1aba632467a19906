// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <algorithm>
#include <map>

namespace wolffia::cli {
namespace {

using Options = std::span<const Option* const>;

bool takes_value(const Option& option) {
  return option.takes == Takes::Value || option.takes == Takes::List;
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts)
    out += cat(out.empty() ? "" : separator, part);
  return out;
}

/// The words of an option, one blank between two.
std::string word_list(const Option& option) {
  std::vector<std::string> words;
  for (const std::string_view word : words_of(option))
    words.emplace_back(word);
  return joined(words, " ");
}

/// Only what this release carries out is worth completing.
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

/// A name for shell functions: "wolffia-oci" is "_wolffia_oci".
std::string function_name(const Program& program) {
  std::string name = cat("_", program.name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string heading(const Program& program, std::string_view first_line) {
  return cat(first_line, "# SPDX-License-Identifier: Apache-2.0\n# Completion of ", program.name,
             ", rendered from its option table: see src/cli/completion.hpp.\n");
}

/// The options in front of the command whose value is a word of its own.
std::vector<std::string> with_value(const Program& program) {
  std::vector<std::string> names;
  for (const Option* option : offered(program.options))
    if (takes_value(*option)) names.push_back(cat("--", option->name));
  return names;
}

// bash

/// What compgen is asked for where such a thing stands.
std::string_view bash_paths(Complete complete) {
  switch (complete) {
    case Complete::File:
      return "-f";
    case Complete::Directory:
      return "-d";
    default:
      return "";
  }
}

std::string bash_fill(std::string_view asked) {
  return cat("mapfile -t COMPREPLY < <(compgen ", asked, " -- \"$current\")");
}

/// What fills COMPREPLY after an option; empty: nothing is known about its value.
std::string bash_values(const Option& option) {
  if (!words_of(option).empty()) return bash_fill(cat("-W '", word_list(option), "'"));
  const std::string_view paths = bash_paths(option.complete);
  return paths.empty() ? "" : cat("compopt -o filenames\n      ", bash_fill(paths));
}

/// For every way to complete a value the patterns "command:option" it belongs to.
using BashCases = std::map<std::string, std::vector<std::string>>;

void add_bash_cases(BashCases& cases, std::string_view command, Options options) {
  for (const Option* option : offered(options)) {
    if (!takes_value(*option)) continue;
    std::vector<std::string>& patterns = cases[bash_values(*option)];
    patterns.push_back(cat(command, ":--", option->name));
    if (option->letter != 0) patterns.push_back(cat(command, ":-", std::string(1, option->letter)));
  }
}

std::string bash_options(Options options) {
  std::vector<std::string> names;
  for (const Option* option : offered(options))
    names.push_back(cat("--", option->name));
  return joined(names, " ");
}

/// The current and the previous word, and the command behind the options in front of it and their
/// values. Readline makes three words of "--root=DIR".
std::string bash_words(const Program& program) {
  const std::vector<std::string> options = with_value(program);
  const std::string skip_value =
      options.empty() ? "" : cat("      ", joined(options, ":* | "), ":*) ((i++)) ;;\n");
  return cat(
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
      "  local command= i options words=\n"
      "  if [[ $current == = ]]; then current=; fi\n"
      "  if [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]}:${COMP_WORDS[i + 1]} in\n"
      "      -*:=) ((i += 2)) ;;\n",
      skip_value,
      "      -*) ;;\n"
      "      *) command=${COMP_WORDS[i]} && break ;;\n"
      "    esac\n"
      "  done\n");
}

std::string bash_value_cases(const Program& program) {
  BashCases cases;
  add_bash_cases(cases, "", program.options);
  for (const Command* command : offered(program))
    add_bash_cases(cases, command->name, command->options);
  std::string out = "  case $command:$previous in\n";
  for (const auto& [values, patterns] : cases)
    out += cat("    ", joined(patterns, " | "), ")\n      ",
               values.empty() ? "" : cat(values, "\n      "), "return ;;\n");
  return out + "  esac\n";
}

/// What may stand behind the options of `command`.
std::string bash_arguments(const Program& program, const Command& command) {
  if (command.complete == Complete::Container)
    return cat(" words=$(", program.name, " ", program.list, " 2>/dev/null)");
  const std::string_view paths = bash_paths(command.complete);
  if (paths.empty()) return "";
  return cat("\n      if [[ $current != -* ]]; then\n        compopt -o filenames\n        ",
             bash_fill(paths), "\n        return\n      fi");
}

}  // namespace

std::string bash_completion(const Program& program) {
  const std::string function = function_name(program);
  std::string out = cat(heading(program, ""), function, "() {\n", bash_words(program),
                        bash_value_cases(program), "  case $command in\n");
  std::vector<std::string> names;
  for (const Command* command : offered(program)) {
    names.emplace_back(command->name);
    out += cat("    ", command->name, ") options='", bash_options(command->options), "'",
               bash_arguments(program, *command), " ;;\n");
  }
  out += cat("    '') options='", bash_options(program.options), "' words='", joined(names, " "),
             "' ;;\n    *) return ;;\n  esac\n");
  out += cat("  if [[ $current == -* ]]; then words=$options; fi\n  ", bash_fill("-W \"$words\""),
             "\n");
  return out + cat("}\ncomplete -F ", function, " ", program.name, "\n");
}

// zsh

namespace {

/// Text inside an _arguments specification in single quotes.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') out += "'\\'";
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_values(const Option& option) {
  if (!words_of(option).empty()) return cat("(", word_list(option), ")");
  switch (option.complete) {
    case Complete::File:
      return "_files";
    case Complete::Directory:
      return "_files -/";
    default:
      return " ";
  }
}

/// How a value is joined to its option: in one word or two; that of a Word only in one.
std::string_view zsh_equals(const Option& option) {
  if (takes_value(option)) return "=";
  return option.takes == Takes::Word ? "=-" : "";
}

/// "'(-b --bundle)'{-b,--bundle=}'[help]:DIR:_files -/'", or without the braces.
std::string zsh_option(const Option& option) {
  const std::string_view equals = zsh_equals(option);
  std::string out;
  if (option.letter != 0) {
    const std::string letter(1, option.letter);
    out = cat("'(-", letter, " --", option.name, ")'{-", letter, ",--", option.name, equals, "}'");
    if (option.takes == Takes::List) out = cat("'*'{-", letter, ",--", option.name, equals, "}'");
  } else {
    out = cat("'", option.takes == Takes::List ? "*" : "", "--", option.name, equals);
  }
  out += cat("[", zsh_text(option.help), "]");
  if (!equals.empty())
    out += cat(option.takes == Takes::Word ? "::" : ":", zsh_text(option.value), ":",
               zsh_values(option));
  return out + "'";
}

std::string zsh_options(Options options, std::string_view indent) {
  std::string out;
  for (const Option* option : offered(options))
    out += cat(" \\\n", indent, zsh_option(*option));
  return out;
}

bool completes_containers(const Command* command) {
  return command->complete == Complete::Container;
}

/// The first argument of `command`.
std::string zsh_argument(std::string_view function, const Command& command) {
  constexpr std::string_view kNextLine = " \\\n            ";
  switch (command.complete) {
    case Complete::Container:
      return cat(kNextLine, "'1:container:", function, "_containers'");
    case Complete::Directory:
      return cat(kNextLine, "'1:directory:_files -/'");
    case Complete::File:
      return cat(kNextLine, "'1:file:_files'");
    case Complete::Nothing:
      break;
  }
  return "";
}

}  // namespace

std::string zsh_completion(const Program& program) {
  const std::string function = function_name(program);
  std::string out = heading(program, cat("#compdef ", program.name, "\n"));
  const auto commands = offered(program);
  if (std::any_of(commands.begin(), commands.end(), completes_containers))
    out += cat(function, "_containers() {\n  local -a ids=(${(f)\"$(", program.name, " ",
               program.list, " 2>/dev/null)\"})\n  compadd -a ids\n}\n");
  out += cat(function, "() {\n  local curcontext=$curcontext state line\n  _arguments -C",
             zsh_options(program.options, "    "),
             " \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n");
  out += "  case $state in\n    command)\n      local -a commands=(\n";
  for (const Command* command : commands)
    out += cat("        '", command->name, ":", zsh_text(command->summary), "'\n");
  out += "      )\n      _describe command commands ;;\n    argument)\n      case $words[1] in\n";
  for (const Command* command : commands)
    out += cat("        ", command->name, ")\n          _arguments",
               zsh_options(command->options, "            "), zsh_argument(function, *command),
               " ;;\n");
  return out + cat("      esac ;;\n  esac\n}\n", function, " \"$@\"\n");
}

// fish

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
      return cat(" -a '(", program.name, " ", program.list, " 2>/dev/null)'");
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
    for (const Option* option : offered(command->options))
      out += fish_option(program, behind, *option);
    if (const std::string arguments = fish_arguments(program, command->complete);
        !arguments.empty())
      out += cat(start, " -n '", behind, "'", arguments, "\n");
  }
  return out;
}

}  // namespace wolffia::cli
