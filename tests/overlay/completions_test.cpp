// SPDX-License-Identifier: Apache-2.0
// The man page and the completions say what the option tables say; the latter are rendered here.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "overlay/option_table.hpp"

using namespace wolffia;
using namespace wolffia::overlay;

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

bool is_directory(const MountWord& word) {
  return word.value.starts_with("DIR");
}

/// "off auto on" of "off|auto|on", and nothing of "N".
std::string choices(const MountWord& word) {
  std::string out(word.value);
  if (out.find('|') == std::string::npos) return {};
  for (char& c : out)
    if (c == '|') c = ' ';
  return out;
}

std::string in_roff(std::string_view name) {
  std::string out;
  for (const char c : name)
    out += c == '-' ? "\\-" : std::string(1, c);
  return out;
}

std::string flag_names() {
  std::string out;
  for (const Flag& flag : flags())
    for (const std::string_view name : {flag.letter, flag.name})
      if (!name.empty()) out += cat(name, " ");
  return out + "-o";
}

constexpr std::string_view kHead =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Completion of wolffia-overlay, rendered from its option tables by "
    "tests/overlay/completions_test.cpp.\n";

std::string bash() {
  std::string names;
  std::string directories;
  std::string cases;
  for (const MountWord& word : mount_words()) {
    if (word.help.empty()) continue;
    names += cat(names.empty() ? "" : " ", word.name, word.takes == Takes::Value ? "=" : "");
    if (is_directory(word)) directories += cat(directories.empty() ? "" : " | ", word.name, "=*");
    if (!choices(word).empty())
      cases += cat("      ", word.name, "=*) mapfile -t COMPREPLY < <(compgen -W '", choices(word),
                   "' -- \"${option#*=}\") ;;\n");
  }
  return cat(kHead, R"(_wolffia_overlay() {
  local current=${COMP_WORDS[COMP_CWORD]} text= before= option= done= i
  # Readline's words end at "=" and ":", which those of -o hold.
  for ((i = COMP_CWORD; i > 0; i--)); do
    if [[ ${COMP_WORDS[i]} == -o ]]; then break; fi
    before=${COMP_WORDS[i - 1]} text=${COMP_WORDS[i]}$text
    if [[ ${COMP_WORDS[i]} != [=:] && $before != [=:] && $before != -o ]]; then i=0; fi
  done
  if [[ $current == [=:] ]]; then current=; fi
  if ((i > 0 && i < COMP_CWORD)); then
    option=${text##*,}
    if [[ $current == *,* ]]; then done=${current%,*},; fi
    case $option in
      )",
             directories, R"()
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "${current##*[=:]}") ;;
)",
             cases, R"(      *=*) ;;
      *)
        compopt -o nospace
        mapfile -t COMPREPLY < <(compgen -P "$done" -W ')",
             names, R"(' -- "$option") ;;
    esac
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W ')",
             flag_names(), R"(' -- "$current")
  else
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -d -- "$current")
  fi
}
complete -F _wolffia_overlay wolffia-overlay
)");
}

std::string in_zsh(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c == ':' ? "\\:" : c == '\'' ? "'\\''" : std::string(1, c);
  return out;
}

std::string zsh() {
  std::string words;
  for (const MountWord& word : mount_words()) {
    if (word.help.empty()) continue;
    words += cat(" \\\n    '", word.name, "[", in_zsh(word.help), "]");
    if (is_directory(word))
      words += ":DIR:_files -/";
    else if (!choices(word).empty())
      words += cat(":", word.value, ":(", choices(word), ")");
    else if (word.takes == Takes::Value)
      words += cat(":", in_zsh(word.value), ": ");
    words += "'";
  }
  std::string options;
  for (const Flag& flag : flags()) {
    const std::string value = flag.value.empty() ? "" : cat(":", flag.value, ": ");
    if (!flag.letter.empty() && !flag.name.empty())
      options += cat("    '(", flag.letter, " ", flag.name, ")'{", flag.letter, ",", flag.name,
                     "}'[", flag.help, "]' \\\n");
    else
      options += cat("    '", flag.letter, flag.name, flag.value.empty() ? "" : "=", "[", flag.help,
                     "]", value, "' \\\n");
  }
  return cat("#compdef wolffia-overlay\n", kHead,
             "_wolffia_overlay_words() {\n  _values -s , option", words,
             "\n}\n_wolffia_overlay() {\n  _arguments \\\n", options,
             "    '*-o[how it is mounted]:option:_wolffia_overlay_words' \\\n"
             "    '*:directory:_files -/'\n}\n_wolffia_overlay \"$@\"\n");
}

std::string in_fish(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c == '\'' ? "\\'" : std::string(1, c);
  return out;
}

/// One line of the list that fish asks for.
std::string fish_line(std::string_view word, std::string_view help) {
  return cat("    printf '%s\\t%s\\n' \"$done\"", word, " '", in_fish(help), "'\n");
}

std::string fish() {
  std::string words;
  for (const MountWord& word : mount_words()) {
    if (word.help.empty()) continue;
    const std::string values = choices(word);
    for (size_t begin = 0; begin < values.size();) {
      const size_t end = std::min(values.find(' ', begin), values.size());
      words += fish_line(cat(word.name, "=", values.substr(begin, end - begin)), word.help);
      begin = end + 1;
    }
    if (values.empty() || word.takes == Takes::Maybe)
      words += fish_line(cat(word.name, word.takes == Takes::Value ? "=" : ""), word.help);
  }
  std::string options;
  for (const Flag& flag : flags()) {
    options += "complete -c wolffia-overlay";
    if (!flag.letter.empty()) options += cat(" -s ", flag.letter.substr(1));
    if (!flag.name.empty()) options += cat(" -l ", flag.name.substr(2));
    options += cat(flag.value.empty() ? "" : " -x", " -d '", in_fish(flag.help), "'\n");
  }
  return cat(kHead, R"(function __wolffia_overlay_words
    set -l done (commandline -ct | string replace --regex '^-o' '' | string match --regex '.*,')
    set -l option (commandline -ct | string replace --regex '.*,' '')
    if string match --quiet --regex '^(lowerdir|upperdir|workdir)=' -- $option
        set -l typed (string replace --regex '.*[=:]' '' -- $option)
        __fish_complete_directories $typed | string replace --regex '^' -- $done(string replace --regex '[^=:]*$' '' -- $option)
        return
    end
)",
             words, "end\ncomplete -c wolffia-overlay -x -a '(__fish_complete_directories)'\n",
             options,
             "complete -c wolffia-overlay -s o -x -a '(__wolffia_overlay_words)' -d 'how it is "
             "mounted'\n");
}

}  // namespace

TEST(overlay_pages, the_man_page_names_every_option) {
  const std::string page = read(packaging("man/wolffia-overlay.1"));
  for (const MountWord& word : mount_words())
    EXPECT_NE(page.find(cat("\\fB", in_roff(word.name), "\\fR")), std::string::npos) << word.name;
  for (const Flag& flag : flags())
    for (const std::string_view name : {flag.letter, flag.name})
      EXPECT_NE(page.find(cat("\\fB", in_roff(name), name.empty() ? "" : "\\fR")),
                std::string::npos)
          << name;
}

TEST(overlay_pages, completions_are_those_of_the_tables) {
  expect_rendered("bash/wolffia-overlay", bash());
  expect_rendered("zsh/_wolffia-overlay", zsh());
  expect_rendered("fish/wolffia-overlay.fish", fish());
}
