// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "image/trust/attachments.hpp"

namespace wolffia::image::trust {
namespace {

constexpr size_t kMaxDepth = 8;

/// What is left of a line without its comment and the space behind.
std::string_view without_comment(std::string_view line) {
  char quote = '\0';
  for (size_t i = 0; i < line.size(); ++i) {
    if (quote != '\0') {
      if (line[i] == quote) quote = '\0';
    } else if (line[i] == '"' || line[i] == '\'') {
      quote = line[i];
    } else if (line[i] == '#' && (i == 0 || line[i - 1] == ' ')) {
      line = line.substr(0, i);
      break;
    }
  }
  const size_t end = line.find_last_not_of(" \t\r");
  return line.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// Takes a scalar off `rest`: quoted, or plain up to ": " or the end of the line.
std::optional<std::string> take_scalar(std::string_view& rest) {
  constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>@`%\t";
  if (rest.empty()) return {};
  const char quote = rest.front();
  size_t end = 0;
  std::string text;
  if (quote == '"' || quote == '\'') {
    end = rest.find(quote, 1);
    if (end == std::string_view::npos) return {};
    text = rest.substr(1, end - 1);
    if (text.find('\\') != std::string::npos) return {};
    rest.remove_prefix(end + 1);
    return text;
  }
  if (kIndicators.find(quote) != std::string_view::npos) return {};
  end = std::min(rest.find(": "), rest.size());
  if (end == rest.size() && rest.back() == ':') --end;
  text = rest.substr(0, end);
  rest.remove_prefix(end);
  return text;
}

struct Line {
  size_t indent = 0;
  std::string key, value;
};

std::optional<Line> parse_line(std::string_view text) {
  Line line;
  line.indent = text.find_first_not_of(' ');
  text.remove_prefix(line.indent);
  auto key = take_scalar(text);
  if (!key || key->empty() || !text.starts_with(':')) return {};
  line.key = *std::move(key);
  text.remove_prefix(1);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (text.empty() || text == "{}") return line;
  auto value = take_scalar(text);
  if (!value || !text.empty()) return {};
  line.value = *std::move(value);
  return line;
}

}  // namespace

Result<std::vector<YamlScalar>> parse_yaml_mappings(std::string_view text,
                                                    const std::string& path) {
  std::vector<YamlScalar> all;
  std::vector<size_t> indents;    // of the mappings that are open
  std::vector<std::string> keys;  // and the key that each is at
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = without_comment(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || (line == "---" && all.empty())) continue;
    const auto parsed = parse_line(line);
    while (parsed && !indents.empty() && indents.back() > parsed->indent) {
      indents.pop_back();
      keys.pop_back();
    }
    const bool deeper = parsed && (indents.empty() || indents.back() < parsed->indent);
    const bool below_scalar = deeper && !all.empty() && !all.back().value.empty();
    if (!parsed || below_scalar || indents.size() > kMaxDepth || (indents.empty() && !all.empty()))
      return Error::because(EINVAL, cat(path, ", line ", number,
                                        ": only mappings of plain values "
                                        "are understood"));
    if (deeper) {
      indents.push_back(parsed->indent);
      keys.push_back(parsed->key);
    }
    keys.back() = parsed->key;
    all.push_back({keys, parsed->value, number});
  }
  return all;
}

}  // namespace wolffia::image::trust
