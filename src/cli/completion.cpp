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

// bash

/// What fills COMPREPLY after an option; empty: nothing is known about its value.
std::string bash_values(const Option& option) {
  if (!words_of(option).empty()) return cat("compgen -W '", word_list(option), "'");
  switch (option.complete) {
    case Complete::File:
      return "compgen -f";
    case Complete::Directory:
      return "compgen -d";
    default:
      return "";
  }
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

/// The loop that finds the command behind the options in front of it and their values.
std::string bash_find_command(const Program& program) {
  std::vector<std::string> with_value;
  for (const Option* option : program.options)
    if (takes_value(*option)) with_value.push_back(cat("--", option->name));
  return cat("  for ((i = 1; i < COMP_CWORD; i++)); do\n    case ${COMP_WORDS[i]} in\n      ",
             joined(with_value, " | "),
             ") ((i++)) ;;\n      -*) ;;\n      *) command=${COMP_WORDS[i]} && break ;;\n    "
             "esac\n  done\n");
}

}  // namespace

std::string bash_completion(const Program& program) {
  const std::string function = function_name(program);
  std::string out = heading(program, "");
  out +=
      cat(function, "() {\n  local current=${COMP_WORDS[COMP_CWORD]} command= i options words=\n");
  out += cat("  local previous=${COMP_WORDS[COMP_CWORD - 1]}\n", bash_find_command(program));

  BashCases cases;
  add_bash_cases(cases, "", program.options);
  for (const Command* command : offered(program))
    add_bash_cases(cases, command->name, command->options);
  out += "  case $command:$previous in\n";
  for (const auto& [values, patterns] : cases)
    out += cat(
        "    ", joined(patterns, " | "), ")\n      ",
        values.empty() ? "" : cat("mapfile -t COMPREPLY < <(", values, " -- \"$current\")\n      "),
        "return ;;\n");
  out += "  esac\n  case $command in\n";

  std::vector<std::string> names;
  for (const Command* command : offered(program)) {
    names.emplace_back(command->name);
    out += cat("    ", command->name, ") options='", bash_options(command->options), "'",
               command->complete == Complete::Container
                   ? cat(" words=$(", program.name, " list -q 2>/dev/null)")
                   : "",
               " ;;\n");
  }
  out += cat("    '') options='", bash_options(program.options), "' words='", joined(names, " "),
             "' ;;\n    *) return ;;\n  esac\n");
  out += "  [[ $current != -* ]] || words=$options\n";
  out += "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n";
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

/// "'(-b --bundle)'{-b,--bundle=}'[help]:DIR:_files -/'", or without the braces.
std::string zsh_option(const Option& option) {
  const std::string_view equals = takes_value(option) ? "=" : "";
  std::string out;
  if (option.letter != 0) {
    const std::string letter(1, option.letter);
    out = cat("'(-", letter, " --", option.name, ")'{-", letter, ",--", option.name, equals, "}'");
    if (option.takes == Takes::List) out = cat("'*'{-", letter, ",--", option.name, equals, "}'");
  } else {
    out = cat("'", option.takes == Takes::List ? "*" : "", "--", option.name, equals);
  }
  out += cat("[", zsh_text(option.help), "]");
  if (takes_value(option)) out += cat(":", zsh_text(option.value), ":", zsh_values(option));
  return out + "'";
}

std::string zsh_options(Options options, std::string_view indent) {
  std::string out;
  for (const Option* option : offered(options))
    out += cat(" \\\n", indent, zsh_option(*option));
  return out;
}

}  // namespace

std::string zsh_completion(const Program& program) {
  const std::string function = function_name(program);
  std::string out = heading(program, cat("#compdef ", program.name, "\n"));
  out += cat(function, "_containers() {\n  local -a ids=(${(f)\"$(", program.name,
             " list -q 2>/dev/null)\"})\n  compadd -a ids\n}\n");
  out += cat(function, "() {\n  local curcontext=$curcontext state line\n  _arguments -C",
             zsh_options(program.options, "    "),
             " \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n");
  out += "  case $state in\n    command)\n      local -a commands=(\n";
  for (const Command* command : offered(program))
    out += cat("        '", command->name, ":", zsh_text(command->summary), "'\n");
  out += "      )\n      _describe command commands ;;\n    argument)\n      case $words[1] in\n";
  for (const Command* command : offered(program)) {
    const bool container = command->complete == Complete::Container;
    out += cat("        ", command->name, ")\n          _arguments",
               zsh_options(command->options, "            "),
               container ? cat(" \\\n            '1:container:", function, "_containers'") : "",
               " ;;\n");
  }
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

}  // namespace

std::string fish_completion(const Program& program) {
  constexpr std::string_view kInFront = "__fish_use_subcommand";
  std::string out = heading(program, "");
  out += cat("complete -c ", program.name, " -f\n");
  for (const Option* option : offered(program.options))
    out += fish_option(program, kInFront, *option);
  for (const Command* command : offered(program)) {
    const std::string behind = cat("__fish_seen_subcommand_from ", command->name);
    out += cat("complete -c ", program.name, " -n ", kInFront, " -a ", command->name, " -d '",
               fish_text(command->summary), "'\n");
    for (const Option* option : offered(command->options))
      out += fish_option(program, behind, *option);
    if (command->complete == Complete::Container)
      out += cat("complete -c ", program.name, " -n '", behind, "' -a '(", program.name,
                 " list -q 2>/dev/null)'\n");
  }
  return out;
}

}  // namespace wolffia::cli
