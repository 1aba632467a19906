// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "cli/completion.hpp"
#include "cli/completion_parts.hpp"

namespace wolffia::cli {

using namespace completion;

namespace {

/// What compgen is asked for where such a thing stands.
std::string_view bash_paths(Complete complete) {
  switch (complete) {
    case Complete::File:
      return "-f";
    case Complete::Directory:
    case Complete::ImageOrDirectory:
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
    add_bash_cases(cases, command->name, options_of(*command));
  std::string out = "  case $command:$previous in\n";
  for (const auto& [values, patterns] : cases)
    out += cat("    ", joined(patterns, " | "), ")\n      ",
               values.empty() ? "" : cat(values, "\n      "), "return ;;\n");
  return out + "  esac\n";
}

/// What may stand behind the options of `command`.
std::string bash_arguments(const Program& program, const Command& command) {
  if (command.complete == Complete::Container)
    return cat(" words=$(", printing(program, command.complete), ")");
  std::string images;
  if (completes_images(command))
    images = cat("\n      if [[ $current != -* ]] && ", function_name(program),
                 "_images; then return; fi");
  const std::string_view paths = bash_paths(command.complete);
  if (paths.empty()) return images;
  return cat(images,
             "\n      if [[ $current != -* ]]; then\n        compopt -o filenames\n        ",
             bash_fill(paths), "\n        return\n      fi");
}

/// A function that fills COMPREPLY with images, and fails where none begins as the last word does.
/// A colon ends a word of Readline: only what stands behind the last one is replaced.
std::string bash_images(const Program& program) {
  if (program.images.empty()) return "";
  return cat(function_name(program),
             "_images() {\n"
             "  local typed=${COMP_LINE:0:COMP_POINT}\n"
             "  typed=${typed##* }\n"
             "  mapfile -t COMPREPLY < <(compgen -W \"$(",
             printing(program, Complete::Image),
             ")\" -- \"$typed\")\n"
             "  if [[ $COMP_WORDBREAKS == *:* ]]; then\n"
             "    COMPREPLY=(\"${COMPREPLY[@]#\"${typed%\"${typed##*:}\"}\"}\")\n"
             "  fi\n"
             "  ((${#COMPREPLY[@]} > 0))\n"
             "}\n");
}

}  // namespace

std::string bash_completion(const Program& program) {
  const std::string function = function_name(program);
  std::string out = cat(heading(program, ""), bash_images(program), function, "() {\n",
                        bash_words(program), bash_value_cases(program), "  case $command in\n");
  std::vector<std::string> names;
  for (const Command* command : offered(program)) {
    names.emplace_back(command->name);
    out += cat("    ", command->name, ") options='", bash_options(options_of(*command)), "'",
               bash_arguments(program, *command), " ;;\n");
  }
  out += cat("    '') options='", bash_options(program.options), "' words='", joined(names, " "),
             "' ;;\n    *) return ;;\n  esac\n");
  out += cat("  if [[ $current == -* ]]; then words=$options; fi\n  ", bash_fill("-W \"$words\""),
             "\n");
  return out + cat("}\ncomplete -F ", function, " ", program.name, "\n");
}

}  // namespace wolffia::cli
