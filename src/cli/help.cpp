// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include "base/rows.hpp"

namespace wolffia::cli {
namespace {

void append_options(std::string& out, std::span<const Option* const> options) {
  std::vector<Row> rows;
  for (const Option* option : options)
    if (option->missing.empty()) rows.push_back({synopsis(*option), option->help});
  out += "\nOptions:\n";
  append_rows(out, rows);
}

/// "Not in this release: pause, resume." or nothing.
template <class Entry>
void append_missing(std::string& out, std::span<const Entry* const> entries,
                    std::string_view prefix) {
  std::string names;
  for (const Entry* entry : entries)
    if (!entry->missing.empty()) names += cat(names.empty() ? "" : ", ", prefix, entry->name);
  if (!names.empty()) out += cat("\nNot in this release: ", names, ".\n");
}

}  // namespace

std::string synopsis(const Option& option) {
  std::string out = "    --";
  if (option.letter != 0) {
    out = "-x, --";
    out[1] = option.letter;
  }
  out += option.name;
  switch (option.takes) {
    case Takes::Nothing:
      break;
    case Takes::Value:
    case Takes::List:
      out += cat(" ", option.value);
      break;
    case Takes::Word:
      out += cat("[=", option.value, "]");
      break;
  }
  return out;
}

std::string help(const Program& program) {
  std::string out = cat("Usage: ", program.name, " [OPTION...] COMMAND [OPTION...] [ARGUMENT...]\n",
                        program.summary, "\n");
  append_options(out, program.options);
  out += "\nCommands:\n";
  std::vector<Row> rows;
  for (const Command* command : program.commands)
    if (command->missing.empty()) rows.push_back({std::string(command->name), command->summary});
  append_rows(out, rows);
  append_missing(out, program.commands, "");
  return out + cat("\n", program.name, " COMMAND --help shows a command's options.\n");
}

std::string help(const Program& program, const Command& command) {
  std::string out =
      cat("Usage: ", program.name, " ", command.name, " [OPTION...]",
          command.arguments.empty() ? "" : " ", command.arguments, "\n", command.summary, "\n");
  append_options(out, command.options);
  append_missing(out, command.options, "--");
  return out;
}

}  // namespace wolffia::cli
