// SPDX-License-Identifier: Apache-2.0
#include "overlay/command_line.hpp"

#include <algorithm>

#include "base/quote.hpp"
#include "base/rows.hpp"
#include "base/words.hpp"
#include "overlay/option_table.hpp"

namespace wolffia::overlay {
namespace {

constexpr std::string_view kSeeHelp = ": see wolffia-overlay --help";

Error invalid(std::string what) {
  return Error::because(EINVAL, std::move(what));
}

/// Where the first word of `text` ends: at a comma, but for one behind a backslash, and for those
/// of a label in double quotes, as containers-storage writes context="a:b:c0,c1".
size_t end_of_word(std::string_view text) {
  const size_t equals = std::min(text.find_first_of("=,"), text.size());
  size_t i = 0;
  if (text.substr(0, equals).ends_with("context") && text.substr(equals).starts_with("=\""))
    i = std::min(text.find('"', equals + 2), text.size());
  while (i < text.size() && text[i] != ',')
    i += text[i] == '\\' ? size_t{2} : size_t{1};
  return std::min(i, text.size());
}

bool is_one_of(std::string_view value, std::string_view words) {
  for (Words rest(words, '|'); !rest.empty();)
    if (rest.next() == value) return true;
  return false;
}

/// "0, 1 or 2" of "0|1|2".
std::string listed(std::string_view words) {
  std::string out;
  for (Words rest(words, '|'); !rest.empty();) {
    const std::string_view word = rest.next();
    out += cat(out.empty() ? "" : rest.empty() ? " or " : ", ", word);
  }
  return out;
}

Result<void> check_value(const MountWord& word, std::string_view value, bool has_value) {
  if (word.takes == Takes::Nothing && has_value)
    return invalid(cat(word.name, " takes no value, not ", quoted(value)));
  if (value.empty() && (has_value || word.takes == Takes::Value))
    return invalid(cat(word.name, " needs a value: -o ", word.name, "=", word.value));
  if (has_value && word.value.find('|') != std::string_view::npos && !is_one_of(value, word.value))
    return invalid(cat(word.name, " takes ", listed(word.value), ", not ", quoted(value)));
  return {};
}

/// One run over the words.
class Parser {
 public:
  Parser(std::span<const char* const> words, std::string_view directory, CommandLine& line)
      : words_(words), directory_(directory), line_(line) {}

  Result<void> run();

 private:
  Result<void> flag(std::string_view word);
  Result<void> mount_options(std::string_view text);
  Result<void> mount_option(std::string_view text);
  Result<std::string_view> value_behind(std::string_view flag, std::string_view value);
  Result<void> check_places();

  std::span<const char* const> words_;
  size_t next_ = 0;
  std::string_view directory_;
  CommandLine& line_;
  std::vector<std::string_view> places_;  // words that are no options
};

Result<void> Parser::run() {
  bool only_places = false;
  while (next_ < words_.size() && line_.ask == Ask::Serve) {
    const std::string_view word = words_[next_++];
    if (only_places || !word.starts_with('-')) {
      places_.push_back(word);
    } else if (word == "--") {
      only_places = true;
    } else if (word.starts_with("-o")) {
      const std::string_view attached = word.substr(2);
      TRY(mount_options(attached.empty() ? TRY(value_behind("-o", "OPTION[,OPTION...]"))
                                         : attached));
    } else {
      TRY(flag(word));
    }
  }
  return line_.ask == Ask::Serve ? check_places() : Result<void>();
}

Result<std::string_view> Parser::value_behind(std::string_view flag, std::string_view value) {
  if (next_ == words_.size()) return invalid(cat(flag, " needs a value: ", flag, " ", value));
  return std::string_view(words_[next_++]);
}

/// "-f", "--exit-fd N", "--exit-fd=N".
Result<void> Parser::flag(std::string_view word) {
  const size_t equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
  const std::string_view name = word.substr(0, equals);
  const auto known = flags();
  const auto it = std::find_if(known.begin(), known.end(), [&](const Flag& flag) {
    return flag.letter == name || flag.name == name;
  });
  if (it == known.end()) return invalid(cat("unknown flag ", quoted_if_needed(name), kSeeHelp));
  const bool attached = equals != std::string_view::npos;
  if (it->value.empty() && attached) return invalid(cat(name, " takes no value"));
  std::string_view value = attached ? word.substr(equals + 1) : std::string_view();
  if (!it->value.empty() && !attached) value = TRY(value_behind(name, it->value));
  return it->apply(line_, {.name = name, .value = value, .directory = directory_});
}

Result<void> Parser::mount_options(std::string_view text) {
  while (!text.empty()) {
    const size_t end = end_of_word(text);
    if (end > 0) TRY(mount_option(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

Result<void> Parser::mount_option(std::string_view text) {
  const size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const auto known = mount_words();
  const auto it = std::find_if(known.begin(), known.end(),
                               [&](const MountWord& word) { return word.name == name; });
  if (it == known.end())
    return invalid(cat("unknown option ", quoted_if_needed(name), " behind -o", kSeeHelp));
  const bool has_value = equals != std::string_view::npos;
  const std::string_view value = has_value ? text.substr(equals + 1) : std::string_view();
  TRY(check_value(*it, value, has_value));
  if (!it->apply) return {};
  return it->apply(line_, {.name = it->name, .value = value, .directory = directory_});
}

/// mount(8) puts a device in front of the mount point.
Result<void> Parser::check_places() {
  if (places_.empty()) return invalid(cat("the directory to mount on is missing", kSeeHelp));
  if (places_.size() > 2)
    return invalid(cat("there is nothing to do for ", quoted(places_[2]),
                       ": one directory is mounted on, the last word of the command line"));
  if (places_.back().empty()) return invalid("the directory to mount on has an empty name");
  if (places_.size() == 2 && !places_[0].empty()) line_.mount.source = places_[0];
  line_.mount.point = places_.back().starts_with('/') ? std::string(places_.back())
                                                      : cat(directory_, "/", places_.back());
  return {};
}

/// What one option says about another.
Result<void> complete(CommandLine& line) {
  Options& options = line.options;
  if (options.lower.empty())
    return invalid("the layers are missing: -o lowerdir=DIR[:DIR...] names them");
  if (!options.upper.empty() && options.work.empty())
    return invalid("upperdir needs -o workdir=DIR too, an empty directory of the same file system");
  if (options.upper.empty()) {
    options.work.clear();  // the kernel's overlayfs passes it over as well
    line.mount.read_only = true;
  }
  if (!options.durable) options.sync = false;
  return {};
}

std::string synopsis(const Flag& flag) {
  std::string out = flag.letter.empty() ? "    " : std::string(flag.letter);
  if (!flag.letter.empty() && !flag.name.empty()) out += ", ";
  out += flag.name;
  if (!flag.value.empty()) out += cat(" ", flag.value);
  return out;
}

std::string synopsis(const MountWord& word) {
  const bool maybe = word.takes == Takes::Maybe;
  if (word.takes == Takes::Nothing) return std::string(word.name);
  return cat(word.name, maybe ? "[=" : "=", word.value, maybe ? "]" : "");
}

}  // namespace

Result<CommandLine> parse_command_line(std::span<const char* const> words,
                                       std::string_view directory) {
  CommandLine line;
  TRY(Parser(words, directory, line).run());
  if (line.ask == Ask::Serve) TRY(complete(line));
  return line;
}

std::string help_text() {
  std::string out =
      "Usage: wolffia-overlay [OPTION...] -o lowerdir=DIR[:DIR...][,OPTION...] MOUNTPOINT\n"
      "mount several directories as one, with changes kept in the topmost\n\nOptions:\n";
  std::vector<Row> rows;
  for (const Flag& flag : flags())
    rows.push_back({synopsis(flag), flag.help});
  append_rows(out, rows);
  rows.clear();
  std::string others;
  for (const MountWord& word : mount_words()) {
    if (!word.help.empty()) rows.push_back({synopsis(word), word.help});
    if (!word.apply) others += cat(others.empty() ? "" : ", ", word.name);
  }
  out += "\nBehind -o, with commas between them:\n";
  append_rows(out, rows);
  return out + cat("\nTaken, and without effect: ", others, ".\n");
}

}  // namespace wolffia::overlay
