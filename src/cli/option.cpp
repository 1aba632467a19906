// SPDX-License-Identifier: Apache-2.0
#include "cli/option.hpp"

#include <algorithm>
#include <charconv>

#include "base/quote.hpp"

namespace wolffia::cli {
namespace {

using Options = std::span<const Option* const>;

const Option* find_name(Options options, std::string_view name) {
  const auto it = std::find_if(options.begin(), options.end(),
                               [&](const Option* option) { return option->name == name; });
  return it == options.end() ? nullptr : *it;
}

const Option* find_letter(Options options, char letter) {
  const auto it = std::find_if(options.begin(), options.end(),
                               [&](const Option* option) { return option->letter == letter; });
  return it == options.end() ? nullptr : *it;
}

bool is_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-';
}

Error invalid(std::string what) {
  return Error::because(EINVAL, std::move(what));
}

Error not_in_this_release(std::string_view what, std::string_view reason) {
  return Error::because(ENOTSUP, cat(what, " is not in this release: ", reason));
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 < words.size() ? ", " : " or ";
    out += words[i];
  }
  return out;
}

/// "--name" with a value that is one of the option's words, if it has words.
Result<void> check_word(const Option& option, std::string_view value) {
  const std::vector<std::string_view> words = words_of(option);
  if (words.empty() || std::find(words.begin(), words.end(), value) != words.end()) return {};
  return invalid(cat("--", option.name, " takes ", joined(words), ", not ", quoted(value)));
}

}  // namespace

std::vector<std::string_view> words_of(const Option& option) {
  std::vector<std::string_view> words;
  std::string_view rest = option.value;
  if (rest.find('|') == std::string_view::npos) return words;
  while (!rest.empty()) {
    const size_t bar = rest.find('|');
    words.push_back(rest.substr(0, bar));
    rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
  }
  return words;
}

/// One run over the words. The scope is the program's options first, then the command's.
class Parser {
 public:
  Parser(const Program& program, std::span<const char* const> words, Arguments& parsed)
      : program_(program), words_(words), scope_(program.options), parsed_(parsed) {}

  Result<void> run();

 private:
  bool at_end() const { return next_ == words_.size(); }
  std::string_view peek() const { return words_[next_]; }
  std::string_view take() { return words_[next_++]; }
  /// The word was help or version: nothing else matters any more.
  bool answered() const { return parsed_.has(*program_.help) || parsed_.has(*program_.version); }

  Result<void> options_in_front();
  Result<void> command();
  Result<void> behind_command();
  Result<void> check_count() const;
  void help_command();

  Result<void> option(std::string_view word);
  Result<void> long_option(std::string_view word);
  Result<void> letters(std::string_view word);
  Result<void> give(const Option& option, std::optional<std::string_view> attached);
  Result<void> give_switch(const Option& option, std::string_view value);
  Error unknown(std::string_view word) const;

  const Program& program_;
  std::span<const char* const> words_;
  size_t next_ = 0;
  Options scope_;
  Arguments& parsed_;
};

Result<void> Parser::run() {
  parsed_.words_.assign(words_.begin(), words_.end());
  TRY(options_in_front());
  if (!answered()) TRY(command());
  if (!answered()) TRY(behind_command());
  if (!answered()) TRY(check_count());
  return {};
}

Result<void> Parser::options_in_front() {
  while (!at_end() && !answered() && is_option(peek())) {
    const std::string_view word = take();
    if (word == "--") break;
    TRY(option(word));
  }
  return {};
}

Result<void> Parser::command() {
  if (at_end())
    return invalid(cat("a command is missing: see ", program_.name, " --help for the list"));
  const std::string_view word = take();
  if (word == "help") {
    help_command();
    return {};
  }
  for (const Command* command : program_.commands)
    if (command->name == word) parsed_.command_ = command;
  if (!parsed_.command_)
    return invalid(
        cat("unknown command ", quoted(word), ": see ", program_.name, " --help for the list"));
  if (!parsed_.command_->missing.empty())
    return not_in_this_release(word, parsed_.command_->missing);
  scope_ = parsed_.command_->options;
  return {};
}

/// "help" and "help COMMAND", as runc has them.
void Parser::help_command() {
  parsed_.given_.push_back({program_.help, {}});
  if (at_end()) return;
  for (const Command* command : program_.commands)
    if (command->name == peek()) parsed_.command_ = command;
}

Result<void> Parser::behind_command() {
  bool only_arguments = false;
  while (!at_end() && !answered()) {
    const std::string_view word = take();
    if (!only_arguments && word == "--") {
      only_arguments = true;
    } else if (!only_arguments && is_option(word)) {
      TRY(option(word));
    } else {
      parsed_.positionals_.push_back(word);
      if (parsed_.command_->behind == Behind::Verbatim) break;
    }
  }
  if (!answered())  // what is left after a verbatim command's first argument
    parsed_.positionals_.insert(parsed_.positionals_.end(), words_.begin() + ptrdiff_t(next_),
                                words_.end());
  return {};
}

Result<void> Parser::check_count() const {
  const Command& command = *parsed_.command_;
  const size_t count = parsed_.positionals_.size();
  if (count >= command.least && count <= command.most) return {};
  const std::string usage = cat(program_.name, " ", command.name, " [OPTION...]",
                                command.arguments.empty() ? "" : " ", command.arguments);
  if (count < command.least) return invalid(cat(command.name, " needs more arguments: ", usage));
  return invalid(cat(command.name, " does not take ", quoted(parsed_.positionals_[command.most]),
                     ": ", usage));
}

Result<void> Parser::option(std::string_view word) {
  return word.starts_with("--") ? long_option(word) : letters(word);
}

Result<void> Parser::long_option(std::string_view word) {
  const size_t equals = word.find('=');
  const Option* found = find_name(scope_, word.substr(2, equals - 2));
  if (!found) return unknown(word.substr(0, equals));
  std::optional<std::string_view> attached;
  if (equals != std::string_view::npos) attached = word.substr(equals + 1);
  return give(*found, attached);
}

/// "-f", "-ft", "-bDIR", "-b=DIR" (as Go's flag package reads it, so no value starts with "=").
Result<void> Parser::letters(std::string_view word) {
  for (size_t i = 1; i < word.size(); ++i) {
    const Option* found = find_letter(scope_, word[i]);
    if (!found) return unknown(word);
    std::optional<std::string_view> attached;
    const std::string_view rest = word.substr(i + 1);
    const bool value_follows = found->takes != Takes::Nothing || rest.starts_with('=');
    if (value_follows && !rest.empty()) attached = rest.substr(rest[0] == '=' ? 1 : 0);
    TRY(give(*found, attached));
    if (attached || answered()) break;
  }
  return {};
}

Result<void> Parser::give(const Option& option, std::optional<std::string_view> attached) {
  if (!option.missing.empty()) return not_in_this_release(cat("--", option.name), option.missing);
  if (option.takes == Takes::Nothing) return give_switch(option, attached.value_or("true"));
  std::string_view value;
  if (attached) {
    value = *attached;
  } else if (option.takes == Takes::Word) {
    const std::vector<std::string_view> words = words_of(option);
    const bool follows = !at_end() && std::find(words.begin(), words.end(), peek()) != words.end();
    value = follows ? take() : words.front();
  } else if (!at_end()) {
    value = take();
  } else {
    return invalid(cat("--", option.name, " needs a value: --", option.name, " ", option.value));
  }
  TRY(check_word(option, value));
  parsed_.given_.push_back({&option, value});
  return {};
}

/// Go's flag package lets a switch have a truth value, and callers in Go write it.
Result<void> Parser::give_switch(const Option& option, std::string_view value) {
  const bool yes = value == "true" || value == "1";
  if (!yes && value != "false" && value != "0")
    return invalid(cat("--", option.name, " takes true or false, not ", quoted(value)));
  parsed_.given_.push_back({&option, {}, !yes});
  return {};
}

Error Parser::unknown(std::string_view word) const {
  const std::string flag = quoted_if_needed(word);
  if (!parsed_.command_)
    return invalid(cat("unknown flag ", flag, ": see ", program_.name, " --help"));
  if (word.starts_with("--") && find_name(program_.options, word.substr(2)))
    return invalid(cat("unknown flag ", flag, " of ", parsed_.command_->name,
                       ": it belongs in front of the command"));
  return invalid(cat("unknown flag ", flag, " of ", parsed_.command_->name, ": see ", program_.name,
                     " ", parsed_.command_->name, " --help"));
}

Result<void> parse(const Program& program, std::span<const char* const> words, Arguments& parsed) {
  return Parser(program, words, parsed).run();
}

std::optional<std::string_view> Arguments::find(const Option& option) const {
  const auto it = std::find_if(given_.rbegin(), given_.rend(),
                               [&](const Given& given) { return given.option == &option; });
  if (it == given_.rend() || it->taken_back) return {};
  return it->value;
}

std::vector<std::string> Arguments::list(const Option& option) const {
  std::vector<std::string> values;
  for (const Given& given : given_)
    if (given.option == &option) values.emplace_back(given.value);
  return values;
}

std::vector<Arguments::Written> Arguments::lists(
    std::initializer_list<const Option*> options) const {
  std::vector<Written> values;
  for (const Given& given : given_)
    if (std::ranges::find(options, given.option) != options.end())
      values.push_back({given.option, std::string(given.value)});
  return values;
}

Result<uint32_t> Arguments::number(const Option& option, uint32_t otherwise, uint32_t limit) const {
  const std::optional<std::string_view> text = find(option);
  if (!text) return otherwise;
  uint32_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, fault] = std::from_chars(text->data(), end, number);
  if (fault == std::errc() && stop == end && number <= limit) return number;
  return invalid(
      cat("--", option.name, " takes a number from 0 to ", limit, ", not ", quoted(*text)));
}

}  // namespace wolffia::cli
