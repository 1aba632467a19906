// SPDX-License-Identifier: Apache-2.0
#include "image/remote/challenge.hpp"

#include <algorithm>
#include <optional>

namespace wolffia::image::remote {
namespace {

constexpr size_t kMost = 16;

bool is_token_character(char c) {
  constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kSigns.find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Reads the field from front to back.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  /// Passes over spaces; commas too, an empty list item being none.
  void skip(std::string_view what) {
    const size_t length = std::min(rest_.find_first_not_of(what), rest_.size());
    rest_.remove_prefix(length);
  }

  std::string_view token() {
    size_t length = 0;
    while (length < rest_.size() && is_token_character(rest_[length]))
      ++length;
    return take(length);
  }

  bool take_if(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// A token or a quoted string.
  std::optional<std::string> value() {
    if (!take_if('"')) {
      const std::string_view plain = token();
      if (plain.empty()) return {};
      return std::string(plain);
    }
    std::string out;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty()) return {};
      out += rest_.front();
      rest_.remove_prefix(1);
    }
    if (!take_if('"')) return {};
    return out;
  }

  /// The "=" of padding, which ends a token68; as in "Negotiate YII=".
  void skip_padding() { skip("="); }

  std::string_view rest() const { return rest_; }
  void go_back_to(std::string_view rest) { rest_ = rest; }

 private:
  std::string_view take(size_t length) {
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }
  std::string_view rest_;
};

/// NAME = VALUE. Nothing is read where something else stands, which may be the next scheme.
std::optional<std::pair<std::string, std::string>> parse_parameter(Reader& reader) {
  const std::string_view before = reader.rest();
  const std::string_view name = reader.token();
  reader.skip(" \t");
  if (!name.empty() && reader.take_if('=')) {
    reader.skip(" \t");
    if (auto value = reader.value()) return std::pair(lower(name), *std::move(value));
  }
  reader.go_back_to(before);
  return {};
}

/// What follows a scheme: parameters, or one token68, which none of those we know uses.
void parse_parameters(Reader& reader, Challenge& challenge) {
  while (!reader.done() && challenge.parameters.size() < kMost) {
    const std::string_view before = reader.rest();
    reader.skip(challenge.parameters.empty() ? " \t" : " \t,");
    auto parameter = parse_parameter(reader);
    if (!parameter) {
      reader.go_back_to(before);
      return;
    }
    challenge.parameters.push_back(*std::move(parameter));
  }
}

void skip_token68(Reader& reader) {
  reader.skip(" \t");
  reader.skip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");
  reader.skip_padding();
}

}  // namespace

std::string_view Challenge::find(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return {};
}

std::vector<Challenge> parse_challenges(std::string_view field) {
  std::vector<Challenge> challenges;
  Reader reader(field);
  while (challenges.size() < kMost) {
    reader.skip(" \t,");
    const std::string_view scheme = reader.token();
    if (scheme.empty()) break;
    Challenge challenge{lower(scheme), {}};
    parse_parameters(reader, challenge);
    if (challenge.parameters.empty()) skip_token68(reader);
    challenges.push_back(std::move(challenge));
    reader.skip(" \t");
    if (!reader.take_if(',')) break;
  }
  return challenges;
}

}  // namespace wolffia::image::remote
