// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "cli/option.hpp"

/// What proves that help, man pages and completions say what an option table says.
namespace wolffia::cli {

inline std::string packaging(const std::string& name) {
  return WOLFFIA_TEST_DATA "/../../packaging/" + name;
}

inline std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The part of the man page under the heading of a command, or of the global options.
inline std::string man_section(const std::string& name, const std::string& heading) {
  const std::string page = read(packaging("man/" + name));
  const size_t begin = page.find(heading + "\n");
  if (begin == std::string::npos) return {};
  return page.substr(begin, page.find("\n.S", begin + 1) - begin);
}

/// "\fB\-\-no\-pivot\fR": a name as the man page writes it.
inline std::string in_roff(std::string_view name) {
  std::string out = "\\-\\-";
  for (const char c : name)
    out += c == '-' ? "\\-" : std::string(1, c);
  return out + "\\fR";
}

inline void expect_in_man(const std::string& page, std::span<const Option* const> options,
                          const std::string& heading) {
  const std::string section = man_section(page, heading);
  ASSERT_FALSE(section.empty()) << heading;
  for (const Option* option : options) {
    EXPECT_NE(section.find(in_roff(option->name)), std::string::npos)
        << heading << " --" << option->name;
    if (option->letter == 0) continue;
    EXPECT_NE(section.find(std::string("\\fB\\-") + option->letter + "\\fR"), std::string::npos)
        << heading << " -" << option->letter;
  }
}

/// Each line of a command's examples is a command line of it.
inline void expect_examples_parse(const Program& program, const Command& command) {
  std::istringstream lines{std::string(command.examples)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream text(line);
    const std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
    ASSERT_GT(words.size(), 1U) << line;
    EXPECT_EQ(words[0], program.name) << line;
    std::vector<const char*> pointers;
    for (size_t i = 1; i < words.size(); ++i)
      pointers.push_back(words[i].c_str());
    Arguments parsed;
    const auto usable = parse(program, pointers, parsed);
    EXPECT_TRUE(usable) << line << ": " << usable.error().message();
    EXPECT_EQ(parsed.command(), &command) << line;
  }
}

/// With WOLFFIA_REWRITE set the file is written instead of compared: how the files are made.
inline void expect_rendered(const std::string& name, const std::string& rendered) {
  const std::string path = packaging("completions/" + name);
  if (::getenv("WOLFFIA_REWRITE")) std::ofstream(path) << rendered;
  EXPECT_EQ(read(path), rendered)
      << "render it again with WOLFFIA_REWRITE=1 in the environment of this test";
}

}  // namespace wolffia::cli
