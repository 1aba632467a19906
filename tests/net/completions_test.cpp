// SPDX-License-Identifier: Apache-2.0
// The man page and the completions say what the option table says; the latter are rendered here.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "net/option_table.hpp"

namespace wolffia::net {
namespace {

std::string packaging(const std::string& name) {
  return WOLFFIA_TEST_DATA "/../../packaging/" + name;
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// With WOLFFIA_REWRITE set the file is written instead of compared: how the files are made.
void expect_rendered(const std::string& name, const std::string& rendered) {
  const std::string path = packaging("completions/" + name);
  if (::getenv("WOLFFIA_REWRITE")) std::ofstream(path) << rendered;
  EXPECT_EQ(read(path), rendered) << "render it again with WOLFFIA_REWRITE=1 in the environment";
}

constexpr std::string_view kHead =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Completion of wolffia-net, rendered from its option table by "
    "tests/net/completions_test.cpp.\n";

bool is_path(const Flag& flag) {
  return flag.value == "PATH";
}

/// "pid path tapfd" of "pid|path|tapfd", and nothing of "FD".
std::string choices(const Flag& flag) {
  std::string out(flag.value);
  if (out.find('|') == std::string::npos) return {};
  for (char& c : out)
    if (c == '|') c = ' ';
  return out;
}

std::string in_quotes(std::string_view text, std::string_view quote) {
  std::string out;
  for (const char c : text)
    out += c == '\'' ? std::string(quote) : std::string(1, c);
  return out;
}

std::string bash() {
  std::string names;
  std::string paths = "-a";
  std::string cases;
  for (const Flag& flag : flags()) {
    names += cat(names.empty() ? "" : " ", "--", flag.name);
    if (is_path(flag)) paths += cat(" | --", flag.name);
    if (!choices(flag).empty())
      cases += cat("    --", flag.name, ") mapfile -t COMPREPLY < <(compgen -W '", choices(flag),
                   "' -- \"$current\") ;;\n");
  }
  return cat(kHead, R"(_wolffia_net() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  # Readline's words end at "=".
  if [[ $current == = ]]; then
    current=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $before in
    )",
             paths, R"()
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
)",
             cases, R"(    *)
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W ')",
             names, R"(' -- "$current")
      else
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
      fi ;;
  esac
}
complete -F _wolffia_net wolffia-net
)");
}

std::string zsh_value(const Flag& flag) {
  if (flag.value.empty()) return {};
  if (is_path(flag)) return ":path:_files";
  return choices(flag).empty() ? cat(":", flag.value, ": ") : cat(":kind:(", choices(flag), ")");
}

std::string zsh() {
  std::string options;
  for (const Flag& flag : flags()) {
    const std::string equals = flag.value.empty() ? "" : "=";
    const std::string said = cat("'[", in_quotes(flag.help, "'\\''"), "]", zsh_value(flag), "'");
    const std::string letter(1, flag.letter);
    if (flag.letter != 0)
      options += cat("    '(-", letter, " --", flag.name, ")'{-", letter, equals.empty() ? "" : "+",
                     ",--", flag.name, equals, "}", said, " \\\n");
    else
      options += cat("    --", flag.name, equals, said, " \\\n");
  }
  return cat("#compdef wolffia-net\n", kHead, "_wolffia_net() {\n  _arguments \\\n", options,
             "    '*:target:_files'\n}\n_wolffia_net \"$@\"\n");
}

std::string fish() {
  std::string options;
  for (const Flag& flag : flags()) {
    options += "complete -c wolffia-net";
    if (flag.letter != 0) options += cat(" -s ", std::string(1, flag.letter));
    options += cat(" -l ", flag.name);
    if (is_path(flag))
      options += " -r -F";
    else if (!choices(flag).empty())
      options += cat(" -x -a '", choices(flag), "'");
    else if (!flag.value.empty())
      options += " -x";
    options += cat(" -d '", in_quotes(flag.help, "\\'"), "'\n");
  }
  return cat(kHead, options);
}

std::string in_roff(std::string_view name) {
  std::string out;
  for (const char c : name)
    out += c == '-' ? "\\-" : std::string(1, c);
  return out;
}

}  // namespace

TEST(net_pages, the_man_page_names_every_option) {
  const std::string page = read(packaging("man/wolffia-net.1"));
  for (const Flag& flag : flags()) {
    EXPECT_NE(page.find(cat("\\fB\\-\\-", in_roff(flag.name), "\\fR")), std::string::npos)
        << flag.name;
    if (flag.letter != 0) {
      EXPECT_NE(page.find(cat("\\fB\\-", std::string(1, flag.letter), "\\fR")), std::string::npos)
          << flag.letter;
    }
  }
}

TEST(net_pages, completions_are_those_of_the_table) {
  expect_rendered("bash/wolffia-net", bash());
  expect_rendered("zsh/_wolffia-net", zsh());
  expect_rendered("fish/wolffia-net.fish", fish());
}

}  // namespace wolffia::net
