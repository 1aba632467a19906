// SPDX-License-Identifier: Apache-2.0
#include "image/remote/registries_file.hpp"

#include <algorithm>
#include <array>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "base/quote.hpp"

namespace wolffia::image::remote {
namespace {

Error invalid(std::string_view key, std::string_view rule) {
  return Error::because(EINVAL, cat(key, " ", rule));
}

/// The optional member `key` as a T.
template <class T>
Result<std::optional<T>> read(const toml::table& table, const char* key, std::string_view rule) {
  const toml::node* node = table.get(key);
  if (!node) return std::optional<T>();
  const auto value = node->value_exact<T>();
  if (!value) return invalid(key, rule);
  return value;
}

Result<std::string> read_text(const toml::table& table, const char* key) {
  auto text = TRY(read<std::string>(table, key, "must be a string"));
  return std::move(text).value_or("");
}

Result<bool> read_truth(const toml::table& table, const char* key) {
  const auto truth = TRY(read<bool>(table, key, "must be true or false"));
  return truth.value_or(false);
}

Result<Insecure> read_insecure(const toml::table& table) {
  return TRY(read_truth(table, "insecure")) ? Insecure::Yes : Insecure::No;
}

/// Every table of the array of tables `key`.
template <class Take>
Result<void> for_each_table(const toml::table& table, const char* key, Take take) {
  const toml::node* node = table.get(key);
  if (!node) return {};
  if (!node->is_array_of_tables()) return invalid(key, "must be an array of tables");
  for (const toml::node& item : *node->as_array())
    TRY(take(*item.as_table()));
  return {};
}

/// "host/path" without a scheme, and without the slash some write at its end.
Result<std::string> read_location(const toml::table& table, const char* key) {
  std::string location = TRY(read_text(table, key));
  if (location.find("://") != std::string::npos)
    return invalid(key, cat("must have no scheme: ", quoted(location)));
  while (location.ends_with('/'))
    location.pop_back();
  return location;
}

struct MirrorUseName {
  std::string_view name;
  MirrorUse use;
};
constexpr std::array kMirrorUses{MirrorUseName{"", MirrorUse::All},
                                 MirrorUseName{"all", MirrorUse::All},
                                 MirrorUseName{"digest-only", MirrorUse::DigestOnly},
                                 MirrorUseName{"tag-only", MirrorUse::TagOnly}};

struct ShortNamesName {
  std::string_view name;
  ShortNames mode;
};
constexpr std::array kShortNames{ShortNamesName{"enforcing", ShortNames::Enforcing},
                                 ShortNamesName{"permissive", ShortNames::Permissive},
                                 ShortNamesName{"disabled", ShortNames::Disabled}};

Result<MirrorRule> parse_mirror(const toml::table& table, bool digest_only) {
  MirrorRule mirror;
  mirror.location = TRY(read_location(table, "location"));
  if (mirror.location.empty()) return invalid("location", "is required");
  mirror.insecure = TRY(read_insecure(table));
  const std::string use = TRY(read_text(table, "pull-from-mirror"));
  const auto* row = std::find_if(kMirrorUses.begin(), kMirrorUses.end(),
                                 [&](const MirrorUseName& known) { return known.name == use; });
  if (row == kMirrorUses.end())
    return invalid("pull-from-mirror", "must be all, digest-only or tag-only");
  if (digest_only && !use.empty())
    return invalid("pull-from-mirror", "must not stand beside mirror-by-digest-only");
  mirror.use = digest_only ? MirrorUse::DigestOnly : row->use;
  return mirror;
}

Result<void> check_prefix(const RegistryRule& rule) {
  const bool wildcard = rule.prefix.starts_with("*.");
  const std::string_view rest = std::string_view(rule.prefix).substr(wildcard ? 2 : 0);
  if (rest.empty() || rest.find('*') != std::string_view::npos ||
      (wildcard && rest.find_first_of("/:@") != std::string_view::npos))
    return invalid("prefix", cat("must be HOST[/PATH] or *.DOMAIN: ", quoted(rule.prefix)));
  if (rule.location.empty() && !wildcard) return invalid("location", "is required");
  return {};
}

Result<RegistryRule> parse_rule(const toml::table& table) {
  RegistryRule rule;
  rule.location = TRY(read_location(table, "location"));
  rule.prefix = TRY(read_location(table, "prefix"));
  if (rule.prefix.empty()) rule.prefix = rule.location;
  TRY(check_prefix(rule));
  rule.insecure = TRY(read_insecure(table));
  rule.blocked = TRY(read_truth(table, "blocked"));
  const bool digest_only = TRY(read_truth(table, "mirror-by-digest-only"));
  TRY(for_each_table(table, "mirror",
                     [&](const toml::table& mirror) -> Result<void> {
                       rule.mirrors.push_back(TRY(parse_mirror(mirror, digest_only)));
                       return {};
                     }),
      "the mirrors of ", quoted(rule.prefix));
  return rule;
}

Result<void> read_search(const toml::table& table, RegistriesFile& file) {
  constexpr const char* kKey = "unqualified-search-registries";
  const toml::node* node = table.get(kKey);
  if (!node) return {};
  const toml::array* hosts = node->as_array();
  if (!hosts) return invalid(kKey, "must be an array of strings");
  file.search.emplace();
  for (const toml::node& item : *hosts) {
    const auto host = item.value_exact<std::string>();
    if (!host || host->empty()) return invalid(kKey, "must be an array of strings");
    file.search->push_back(*host);
  }
  return {};
}

Result<void> read_mode(const toml::table& table, RegistriesFile& file) {
  const std::string text = TRY(read_text(table, "short-name-mode"));
  if (text.empty()) return {};
  for (const ShortNamesName& known : kShortNames)
    if (known.name == text) file.mode = known.mode;
  if (!file.mode) return invalid("short-name-mode", "must be enforcing, permissive or disabled");
  return {};
}

Result<void> read_aliases(const toml::table& table, RegistriesFile& file) {
  const toml::node* node = table.get("aliases");
  if (!node) return {};
  const toml::table* aliases = node->as_table();
  if (!aliases) return invalid("aliases", "must be a table");
  for (const auto& [name, value] : *aliases) {
    const auto full = value.value_exact<std::string>();
    if (!full) return invalid(cat("aliases.", quoted(name.str())), "must be a string");
    file.aliases.insert_or_assign(std::string(name.str()), *full);
  }
  return {};
}

Result<RegistriesFile> read_root(const toml::table& root) {
  if (const toml::node* node = root.get("registries"); node && node->is_table())
    return Error::because(ENOTSUP,
                          "[registries] is version 1 of the format: write [[registry]] "
                          "tables, see containers-registries.conf(5)");
  RegistriesFile file;
  TRY(read_search(root, file));
  TRY(read_mode(root, file));
  TRY(for_each_table(root, "registry", [&](const toml::table& table) -> Result<void> {
    file.rules.push_back(TRY(parse_rule(table)));
    return {};
  }));
  TRY(read_aliases(root, file));
  return file;
}

/// The text with what comments say beyond ASCII blotted out. toml++ 3.3 runs into undefined
/// behaviour at such characters where a key or a value may begin, and names of registries have
/// none. Errors: EINVAL for one in front of a comment.
Result<std::string> only_ascii(std::string text, const std::string& path) {
  size_t line = 1;
  bool in_comment = false;
  for (char& c : text) {
    if (c == '\n') {
      ++line;
      in_comment = false;
    } else if (c == '#') {
      in_comment = true;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      if (!in_comment)
        return Error::because(
            EINVAL, cat(path, ": line ", line, ": only ASCII is allowed outside of comments"));
      c = '?';
    }
  }
  return text;
}

}  // namespace

Result<RegistriesFile> parse_registries(const std::string& text, const std::string& path) {
  const std::string ascii = TRY(only_ascii(text, path));
  const toml::parse_result parsed = toml::parse(std::string_view(ascii), std::string_view(path));
  if (!parsed) {
    const toml::parse_error& fault = parsed.error();
    return Error::because(EINVAL, cat(path, " is not valid TOML: line ", fault.source().begin.line,
                                      ": ", printable(fault.description())));
  }
  return TRY(read_root(parsed.table()), path);
}

}  // namespace wolffia::image::remote
