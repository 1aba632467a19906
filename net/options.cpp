// SPDX-License-Identifier: Apache-2.0
#include "net/options.hpp"

#include <algorithm>
#include <vector>

#include "base/quote.hpp"
#include "base/rows.hpp"
#include "base/words.hpp"
#include "net/option_table.hpp"

namespace wolffia::net {
namespace {

constexpr std::string_view kSeeHelp = ": see wolffia-net --help";

Error invalid(std::string what) {
  return Error::because(EINVAL, std::move(what));
}

/// One run over the words, as getopt_long(3) has it: options and other words in any order, letters
/// together, names cut short where they stay clear.
class Parser {
 public:
  Parser(std::span<const char* const> words, Options& options) : words_(words), options_(options) {}

  Result<void> run();
  const std::vector<std::string_view>& places() const { return places_; }

 private:
  Result<void> letters(std::string_view word);
  Result<void> name(std::string_view word);
  Result<std::string_view> value_behind(std::string_view name, std::string_view value);

  std::span<const char* const> words_;
  size_t next_ = 0;
  Options& options_;
  std::vector<std::string_view> places_;
};

Result<void> Parser::run() {
  bool only_places = false;
  while (next_ < words_.size() && options_.ask == Ask::Serve) {
    const std::string_view word = words_[next_++];
    if (only_places || !word.starts_with('-') || word == "-")
      places_.push_back(word);
    else if (word == "--")
      only_places = true;
    else if (word.starts_with("--"))
      TRY(name(word));
    else
      TRY(letters(word));
  }
  return {};
}

Result<std::string_view> Parser::value_behind(std::string_view name, std::string_view value) {
  if (next_ == words_.size()) return invalid(cat(name, " needs a value: ", name, " ", value));
  return std::string_view(words_[next_++]);
}

/// "-c", "-r3", "-cr", "3".
Result<void> Parser::letters(std::string_view word) {
  for (size_t i = 1; i < word.size(); ++i) {
    const auto known = flags();
    const auto it = std::ranges::find(known, word[i], &Flag::letter);
    const std::string name = cat("-", word.substr(i, 1));
    if (it == known.end()) return invalid(cat("unknown flag ", quoted_if_needed(name), kSeeHelp));
    if (it->value.empty()) {
      TRY(it->apply(options_, {.name = name, .value = {}}));
      continue;
    }
    std::string_view value = word.substr(i + 1);
    if (value.empty()) value = TRY(value_behind(name, it->value));
    return it->apply(options_, {.name = name, .value = value});
  }
  return {};
}

/// "--mtu 1500", "--mtu=1500".
Result<void> Parser::name(std::string_view word) {
  const size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const std::string_view bare = name.substr(2);
  const auto known = flags();
  auto it = std::ranges::find(known, bare, &Flag::name);
  if (it == known.end()) {
    const auto begins = [&](const Flag& flag) { return flag.name.starts_with(bare); };
    it = std::ranges::find_if(known, begins);
    if (it == known.end() || std::ranges::count_if(known, begins) > 1)
      return invalid(cat("unknown flag ", quoted_if_needed(name), kSeeHelp));
  }
  const bool attached = equals != std::string_view::npos;
  if (it->value.empty() && attached) return invalid(cat(name, " takes no value"));
  std::string_view value = attached ? word.substr(equals + 1) : std::string_view();
  if (!it->value.empty() && !attached) value = TRY(value_behind(name, it->value));
  return it->apply(options_, {.name = name, .value = value});
}

Result<void> take_places(Options& options, const std::vector<std::string_view>& places) {
  const bool has_interface = options.kind == TargetKind::Pid || options.kind == TargetKind::Path;
  if (places.empty())
    return invalid(cat("the target is missing: a process, or what --netns-type says", kSeeHelp));
  if (has_interface && places.size() < 2)
    return invalid(cat("the name of the interface is missing, such as tap0", kSeeHelp));
  if (places.size() > 2)
    return invalid(cat("there is nothing to do for ", quoted(places[2]),
                       ": a target and an interface are the last words"));
  options.target = places[0];
  if (places.size() == 2) options.interface = places[1];
  return {};
}

/// Source: dev_valid_name() of the kernel, which makes names up where they have a %d. How long it
/// may be is said where the interface is made.
bool is_interface_name(std::string_view name) {
  constexpr std::string_view kNever = "/:% \t\n\v\f\r";
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(kNever) == std::string_view::npos;
}

Result<void> check_target(const Options& options) {
  int number = -1;
  if (options.target.empty()) return invalid("the target has an empty name");
  const bool is_made = options.kind == TargetKind::Pid || options.kind == TargetKind::Path;
  if (is_made && !is_interface_name(options.interface))
    return invalid(
        cat(quoted(options.interface), " is no name for an interface: give one as tap0"));
  if (options.kind != TargetKind::Pid && options.kind != TargetKind::Tap) return {};
  const int least = options.kind == TargetKind::Pid ? 1 : 0;
  if (!read_number(options.target, number) || number < least)
    return invalid(cat(quoted(options.target), " is not the number of a ",
                       options.kind == TargetKind::Pid
                           ? "process: for a path give --netns-type=path"
                           : "descriptor"));
  return {};
}

/// What one option says about another.
Result<void> complete(const Options& options) {
  const bool enters = options.kind == TargetKind::Pid || options.kind == TargetKind::Path;
  if (options.outbound_way == OutboundWay::Splice && !options.pcap.empty())
    return invalid(
        "--outbound=splice and --pcap are not for one daemon: a capture has every frame");
  if (!options.dns && !options.name_servers.empty())
    return invalid("--dns and --disable-dns are not for one daemon: leave one of them away");
  if (options.mac && !options.configure) return invalid("--macaddress needs --configure too");
  if (options.configure && !enters)
    return invalid("--configure is for namespaces: this target is configured from inside");
  if (!options.user_namespace.empty() && !enters)
    return invalid("--userns-path is for namespaces: this target is in none");
  return check_target(options);
}

std::string synopsis(const Flag& flag) {
  std::string out = flag.letter == 0 ? "    " : cat("-", std::string(1, flag.letter), ", ");
  out += cat("--", flag.name);
  if (!flag.value.empty()) out += cat("=", flag.value);
  return out;
}

}  // namespace

Result<Options> parse_command_line(std::span<const char* const> words) {
  Options options;
  Parser parser(words, options);
  TRY(parser.run());
  if (options.ask != Ask::Serve) return options;
  TRY(take_places(options, parser.places()));
  TRY(complete(options));
  return options;
}

std::string help_text() {
  std::string out =
      "Usage: wolffia-net [OPTION]... PID|PATH|FD [INTERFACE]\n"
      "user-mode networking for network namespaces without privileges\n\nOptions:\n";
  std::vector<Row> rows;
  for (const Flag& flag : flags())
    rows.push_back({synopsis(flag), flag.help});
  append_rows(out, rows);
  return out;
}

}  // namespace wolffia::net
