// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/completion.hpp"
#include "cli/completion_parts.hpp"

namespace wolffia::cli {

using namespace completion;

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

/// What the first argument of `command` is, and what adds its matches.
std::string zsh_matches(std::string_view function, Complete complete) {
  switch (complete) {
    case Complete::Container:
      return cat("container:", function, "_containers");
    case Complete::Image:
      return cat("image:", function, "_images");
    case Complete::ImageOrDirectory:
      return cat("image:{", function, "_images; _files -/}");
    case Complete::Directory:
      return "directory:_files -/";
    case Complete::File:
      return "file:_files";
    case Complete::Nothing:
      break;
  }
  return "";
}

/// The first argument of `command`, or all where they are of one kind.
std::string zsh_argument(std::string_view function, const Command& command) {
  const std::string matches = zsh_matches(function, command.complete);
  if (matches.empty()) return "";
  const bool all = command.most == SIZE_MAX && command.behind == Behind::Options;
  return cat(" \\\n            '", all ? "*:" : "1:", matches, "'");
}

/// A function that adds the containers or images.
std::string zsh_names(const Program& program, std::string_view what, Complete complete) {
  return cat(function_name(program), "_", what, "() {\n  local -a names=(${(f)\"$(",
             printing(program, complete), ")\"})\n  compadd -a names\n}\n");
}

}  // namespace

std::string zsh_completion(const Program& program) {
  const std::string function = function_name(program);
  std::string out = heading(program, cat("#compdef ", program.name, "\n"));
  const auto commands = offered(program);
  const auto is_container = [](const Command* command) {
    return command->complete == Complete::Container;
  };
  if (std::any_of(commands.begin(), commands.end(), is_container))
    out += zsh_names(program, "containers", Complete::Container);
  if (!program.images.empty()) out += zsh_names(program, "images", Complete::Image);
  out += cat(function, "() {\n  local curcontext=$curcontext state line\n  _arguments -C",
             zsh_options(program.options, "    "),
             " \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n");
  out += "  case $state in\n    command)\n      local -a commands=(\n";
  for (const Command* command : commands)
    out += cat("        '", command->name, ":", zsh_text(command->summary), "'\n");
  out += "      )\n      _describe command commands ;;\n    argument)\n      case $words[1] in\n";
  for (const Command* command : commands)
    out += cat("        ", command->name, ")\n          _arguments",
               zsh_options(options_of(*command), "            "), zsh_argument(function, *command),
               " ;;\n");
  return out + cat("      esac ;;\n  esac\n}\n", function, " \"$@\"\n");
}

}  // namespace wolffia::cli
