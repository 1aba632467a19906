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
  constexpr size_t kWidth = 80;
  std::string line = "\nNot in this release:";
  const size_t nothing = line.size();
  for (const Entry* entry : entries) {
    if (entry->missing.empty()) continue;
    if (line.size() > nothing) line += ',';
    const std::string name = cat(" ", prefix, entry->name);
    if (line.size() - line.rfind('\n') + name.size() > kWidth) line += "\n ";
    line += name;
  }
  if (line.size() > nothing) out += line + ".\n";
}

void append_examples(std::string& out, std::string_view examples) {
  if (examples.empty()) return;
  out += "\nExamples:\n";
  while (!examples.empty()) {
    const size_t end = examples.find('\n');
    out += cat("  ", examples.substr(0, end), "\n");
    examples.remove_prefix(end == std::string_view::npos ? examples.size() : end + 1);
  }
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
  append_examples(out, command.examples);
  return out;
}

}  // namespace wolffia::cli
