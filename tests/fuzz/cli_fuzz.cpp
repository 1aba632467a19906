// SPDX-License-Identifier: Apache-2.0
// Any words as wolffia-oci's command line: the parser ends in a command or in one printable
// sentence.
#include <algorithm>
#include <string>
#include <vector>

#include "cli/log.hpp"
#include "cli/option.hpp"
#include "cli/runtime/options.hpp"
#include "fuzz/require.hpp"

namespace wolffia::cli {
namespace {

using fuzz::require;

bool is_one_line(std::string_view text) {
  const bool printable = std::all_of(text.begin(), text.end() - 1, [](char c) {
    const auto byte = static_cast<uint8_t>(c);
    return byte >= 0x20 && byte != 0x7f;
  });
  return printable && text.back() == '\n';
}

/// The input's lines, as argv has words: without NUL.
std::vector<std::string> lines(std::string_view input) {
  std::vector<std::string> words;
  while (!input.empty()) {
    const size_t end = std::min(input.find('\n'), input.size());
    words.emplace_back(input.substr(0, std::min(input.substr(0, end).find('\0'), end)));
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  return words;
}

void check(const Arguments& arguments) {
  if (arguments.has(runtime::kHelp) || arguments.has(runtime::kVersion)) return;
  const Command* command = arguments.command();
  require(command && command->missing.empty());
  require(arguments.positionals().size() >= command->least);
  require(arguments.positionals().size() <= command->most);
  for (const Option* option : command->options)
    if (!option->missing.empty()) require(!arguments.has(*option));
  const auto count = arguments.number(runtime::kPreserveFds, 0, 100);
  require(!count || *count <= 100);
}

}  // namespace
}  // namespace wolffia::cli

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wolffia::cli;
  using wolffia::fuzz::require;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> words = lines(input);
  std::vector<const char*> argv;
  argv.reserve(words.size());
  for (const std::string& word : words)
    argv.push_back(word.c_str());

  Arguments arguments;
  const auto parsed = parse(runtime::kProgram, argv, arguments);
  if (parsed) {
    check(arguments);
  } else {
    require(!parsed.error().message().empty());
    require(is_one_line(sentence("p", Level::Error, parsed.error().message())));
  }
  require(is_one_line(sentence("p", Level::Warning, input)));
  require(is_one_line(record(Format::Text, Level::Error, input, 0)));
  require(is_one_line(record(Format::Json, Level::Error, input, 0)));
  return 0;
}
