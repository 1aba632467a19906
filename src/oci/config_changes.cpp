// SPDX-License-Identifier: Apache-2.0
#include "oci/config_changes.hpp"

#include <algorithm>
#include <vector>

#include "base/quote.hpp"
#include "base/words.hpp"
#include "json/edit.hpp"
#include "json/field.hpp"
#include "json/writer.hpp"

namespace wolffia::oci {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

Error wrong(std::string what) {
  return Error::because(EINVAL, std::move(what));
}

/// The words of a line, without the quotes and backslashes that keep them together.
Result<std::vector<std::string>> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && kBlanks.find(c) != std::string_view::npos) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      words.back() += text[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return wrong("has a quote that does not end");
  return words;
}

/// A JSON array of strings.
Result<std::vector<std::string>> array_of(std::string_view text) {
  auto read = [&]() -> Result<std::vector<std::string>> {
    const json::Document document = TRY(json::Document::parse(std::string(text), "it"));
    return document.root().as<std::vector<std::string>>();
  }();
  if (!read) return wrong(R"(must be an array as ["a", "b"] where it begins with a bracket)");
  return read;
}

/// A program with its arguments, or a line for the shell.
Result<std::vector<std::string>> command_of(std::string_view text) {
  if (text.starts_with('[')) return array_of(text);
  return std::vector<std::string>{"/bin/sh", "-c", std::string(text)};
}

/// "NAME=VALUE NAME=VALUE", or "NAME VALUE" as Docker once had it.
Result<Annotations> pairs_of(std::string_view text) {
  const size_t blank = std::min(text.find_first_of(kBlanks), text.size());
  if (text.substr(0, blank).find('=') == std::string_view::npos && blank < text.size())
    return Annotations{
        {std::string(text.substr(0, blank)), std::string(trimmed(text.substr(blank)))}};
  Annotations pairs;
  for (const std::string& word : TRY(words_of(text))) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      return wrong(cat("must be NAME=VALUE, and has ", quoted(word)));
    pairs.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return pairs;
}

void add_once(std::vector<std::string>& set, std::string item) {
  if (std::find(set.begin(), set.end(), item) == set.end()) set.push_back(std::move(item));
}

Result<void> change_cmd(ImageConfig& config, std::string_view text) {
  config.cmd = TRY(command_of(text));
  return {};
}

Result<void> change_entrypoint(ImageConfig& config, std::string_view text) {
  config.entrypoint = TRY(command_of(text));
  return {};
}

Result<void> change_env(ImageConfig& config, std::string_view text) {
  for (const auto& [name, value] : TRY(pairs_of(text))) {
    const std::string start = name + "=";
    const auto old = std::find_if(config.env.begin(), config.env.end(),
                                  [&](const std::string& one) { return one.starts_with(start); });
    if (old != config.env.end())
      *old = start + value;
    else
      config.env.push_back(start + value);
  }
  return {};
}

Result<void> change_expose(ImageConfig& config, std::string_view text) {
  for (const std::string& word : TRY(words_of(text))) {
    const size_t slash = std::min(word.find('/'), word.size());
    const std::string protocol = slash == word.size() ? "tcp" : word.substr(slash + 1);
    uint16_t port = 0;
    const bool known = protocol == "tcp" || protocol == "udp" || protocol == "sctp";
    if (!known || !read_number(std::string_view(word).substr(0, slash), port) || port == 0)
      return wrong(cat("must be PORT or PORT/tcp, PORT/udp, PORT/sctp, and has ", quoted(word)));
    add_once(config.exposed_ports, cat(port, "/", protocol));
  }
  return {};
}

Result<void> change_label(ImageConfig& config, std::string_view text) {
  for (auto& pair : TRY(pairs_of(text))) {
    const auto old = std::find_if(config.labels.begin(), config.labels.end(),
                                  [&](const auto& one) { return one.first == pair.first; });
    if (old != config.labels.end())
      old->second = std::move(pair.second);
    else
      config.labels.push_back(std::move(pair));
  }
  return {};
}

/// A number, or a name as "TERM", "SIGTERM", "SIGRTMIN+3".
Result<void> change_stop_signal(ImageConfig& config, std::string_view text) {
  constexpr std::string_view kSigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-";
  uint8_t number = 0;
  const bool is_number = read_number(text, number);
  const bool is_name =
      text[0] >= 'A' && text[0] <= 'Z' && text.find_first_not_of(kSigns) == std::string_view::npos;
  if (is_number ? number < 1 || number > 64 : !is_name)
    return wrong("must be a signal, as SIGTERM or 15");
  config.stop_signal = text;
  return {};
}

Result<void> change_user(ImageConfig& config, std::string_view text) {
  if (text.find_first_of(kBlanks) != std::string_view::npos)
    return wrong("must be USER or USER:GROUP");
  config.user = text;
  return {};
}

Result<void> change_volume(ImageConfig& config, std::string_view text) {
  for (std::string& path : TRY(text.starts_with('[') ? array_of(text) : words_of(text))) {
    if (!path.starts_with('/')) return wrong(cat("must be absolute paths, and has ", quoted(path)));
    add_once(config.volumes, std::move(path));
  }
  return {};
}

/// A relative one is below the one before.
Result<void> change_workdir(ImageConfig& config, std::string_view text) {
  const std::vector<std::string> words = TRY(words_of(text));
  if (words.size() != 1 || words[0].empty())
    return wrong("must be one directory: put it in quotes if it has blanks");
  std::string above = config.working_dir.starts_with('/') ? config.working_dir : "/";
  if (!above.ends_with('/')) above += '/';
  config.working_dir = words[0].starts_with('/') ? words[0] : above + words[0];
  return {};
}

std::string as_array(const std::vector<std::string>& texts) {
  json::Writer out;
  out.value(texts);
  return std::move(out).take();
}

std::string as_text(std::string_view text) {
  json::Writer out;
  out.value(text);
  return std::move(out).take();
}

/// An object that stands for a set: {"80/tcp": {}}.
std::string as_set(const std::vector<std::string>& names) {
  json::Writer out;
  out.begin_object();
  for (const std::string& name : names)
    out.key(name).begin_object().end_object();
  out.end_object();
  return std::move(out).take();
}

std::string as_object(const Annotations& pairs) {
  json::Writer out;
  out.begin_object();
  for (const auto& [name, value] : pairs)
    out.member(name, value);
  out.end_object();
  return std::move(out).take();
}

/// An instruction, what it does, and the member that it changes. Source: image-spec config.md.
struct Instruction {
  std::string_view name, member;
  Result<void> (*change)(ImageConfig& config, std::string_view text);
  std::string (*write)(const ImageConfig& config);
};
constexpr std::array kTable{
    Instruction{"CMD", "Cmd", change_cmd, [](const ImageConfig& it) { return as_array(it.cmd); }},
    Instruction{"ENTRYPOINT", "Entrypoint", change_entrypoint,
                [](const ImageConfig& it) { return as_array(it.entrypoint); }},
    Instruction{"ENV", "Env", change_env, [](const ImageConfig& it) { return as_array(it.env); }},
    Instruction{"EXPOSE", "ExposedPorts", change_expose,
                [](const ImageConfig& it) { return as_set(it.exposed_ports); }},
    Instruction{"LABEL", "Labels", change_label,
                [](const ImageConfig& it) { return as_object(it.labels); }},
    Instruction{"STOPSIGNAL", "StopSignal", change_stop_signal,
                [](const ImageConfig& it) { return as_text(it.stop_signal); }},
    Instruction{"USER", "User", change_user,
                [](const ImageConfig& it) { return as_text(it.user); }},
    Instruction{"VOLUME", "Volumes", change_volume,
                [](const ImageConfig& it) { return as_set(it.volumes); }},
    Instruction{"WORKDIR", "WorkingDir", change_workdir,
                [](const ImageConfig& it) { return as_text(it.working_dir); }},
};
static_assert(kTable.size() == ConfigChanges::kInstructions);

std::string known_names() {
  std::string names;
  for (const Instruction& row : kTable)
    names += cat(names.empty() ? "" : ", ", row.name);
  return names;
}

std::string upper(std::string_view word) {
  std::string out(word);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

}  // namespace

Result<void> ConfigChanges::apply(std::string_view instruction) {
  const std::string_view line = trimmed(instruction);
  const size_t end = std::min(line.find_first_of(" \t\r\n="), line.size());
  const std::string name = upper(line.substr(0, end));
  const auto row = std::find_if(kTable.begin(), kTable.end(),
                                [&](const Instruction& one) { return one.name == name; });
  if (row == kTable.end())
    return wrong(cat(quoted(instruction), " must begin with one of ", known_names()));
  const std::string_view text = end == line.size() ? "" : trimmed(line.substr(end + 1));
  if (text.empty() || text.find('\0') != std::string_view::npos)
    return wrong(cat(quoted(instruction), " must say what ", name, " becomes"));
  TRY(row->change(config_, text), quoted(instruction));
  touched_[static_cast<size_t>(row - kTable.begin())] = true;
  return {};
}

Result<std::string> ConfigChanges::section(std::string_view section) const {
  std::vector<json::Member> members;
  for (size_t i = 0; i < kTable.size(); ++i)
    if (touched_[i]) members.emplace_back(kTable[i].member, kTable[i].write(config_));
  const bool is_absent = section.empty() || section == "null";
  return json::with_members(is_absent ? "{}" : std::string(section), members, "config");
}

}  // namespace wolffia::oci
