// SPDX-License-Identifier: Apache-2.0
#include "image/remote/registries.hpp"

#include <algorithm>

#include "base/quote.hpp"
#include "image/remote/config_files.hpp"

namespace wolffia::image::remote {
namespace {

constexpr size_t kNo = std::string_view::npos;

/// A short name without tag and digest, and those: "debian" and ":12".
std::pair<std::string_view, std::string_view> split_version(std::string_view text) {
  size_t end = std::min(text.find('@'), text.size());
  const size_t slash = text.rfind('/', end);
  const size_t colon = text.find(':', slash == kNo ? 0 : slash);
  end = std::min(end, colon);
  return {text.substr(0, end), text.substr(end)};
}

/// "location" in the place of the first `matched` characters of the name.
Result<Place> moved(const Reference& reference, size_t matched, const std::string& location,
                    Insecure insecure) {
  if (location.empty()) return Place{reference, insecure};
  const std::string text = cat(location, reference.text().substr(matched));
  Reference there = TRY(parse_reference(text), "registries.conf moves ", reference.text());
  return Place{std::move(there), insecure};
}

bool serves(const MirrorRule& mirror, const Reference& reference) {
  if (mirror.use == MirrorUse::All) return true;
  return reference.digest.has_value() == (mirror.use == MirrorUse::DigestOnly);
}

Result<void> add_file(Registries& registries, const std::string& path) {
  const std::optional<std::string> text = TRY(read_config(path));
  if (text) registries.add(TRY(parse_registries(*text, path)));
  return {};
}

/// The one main file: the environment's, else the first that exists.
Result<void> add_main_file(Registries& registries) {
  if (const auto path = environment("CONTAINERS_REGISTRIES_CONF"))
    return add_file(registries, *path);
  for (const std::string& path : config_places("registries.conf")) {
    const std::optional<std::string> text = TRY(read_config(path));
    if (!text) continue;
    registries.add(TRY(parse_registries(*text, path)));
    return {};
  }
  return {};
}

std::string recorded_aliases() {
  constexpr const char* kName = "/containers/short-name-aliases.conf";
  if (const auto cache = environment("XDG_CACHE_HOME")) return cat(*cache, kName);
  return cat(home().value_or(""), "/.cache", kName);
}

}  // namespace

size_t match_prefix(std::string_view name, std::string_view prefix) {
  const bool wildcard = prefix.starts_with("*.");
  const std::string_view fixed = prefix.substr(wildcard ? 1 : 0);
  const std::string_view host = name.substr(0, name.find('/'));
  const size_t start = wildcard ? host.substr(0, host.find(':')).rfind(fixed) : 0;
  if (start == kNo || name.substr(start, fixed.size()) != fixed) return kNo;
  const size_t end = start + fixed.size();
  if (end == name.size()) return end;
  return name[end] == '/' || name[end] == ':' || name[end] == '@' ? end : kNo;
}

Result<Registries> Registries::load() {
  Registries registries;
  TRY(add_main_file(registries));
  std::vector<std::string> directories = config_places("registries.conf.d");
  std::reverse(directories.begin(), directories.end());  // what the user says comes last
  for (const std::string& directory : directories)
    for (const std::string& path : TRY(drop_ins(directory, ".conf")))
      TRY(add_file(registries, path));
  TRY(add_file(registries, recorded_aliases()));
  return registries;
}

void Registries::add(RegistriesFile file) {
  if (file.search) merged_.search = std::move(file.search);
  if (file.mode) merged_.mode = file.mode;
  for (RegistryRule& rule : file.rules) {
    std::erase_if(merged_.rules, [&](const auto& old) { return old.prefix == rule.prefix; });
    merged_.rules.push_back(std::move(rule));
  }
  for (auto& [name, full] : file.aliases)
    merged_.aliases.insert_or_assign(name, std::move(full));
}

Result<Expansion> Registries::expand(std::string_view text) const {
  Expansion expansion;
  if (has_host(text)) {
    expansion.names.push_back(TRY(parse_reference(text)));
    return expansion;
  }
  const auto [name, version] = split_version(text);
  const auto alias = merged_.aliases.find(std::string(name));
  if (alias != merged_.aliases.end() && !alias->second.empty()) {
    expansion.names.push_back(
        TRY(parse_reference(cat(alias->second, version)), "the alias ", quoted(name)));
    return expansion;
  }
  const std::vector<std::string> search =
      merged_.search.value_or(std::vector<std::string>{"docker.io"});
  for (const std::string& host : search)
    expansion.names.push_back(TRY(parse_reference(cat(host, "/", text))));
  if (search.empty())
    return Error::because(ENOENT, cat(quoted(text),
                                      " names no registry, and registries.conf has "
                                      "an empty unqualified-search-registries: write HOST/",
                                      printable(text)));
  expansion.ambiguous =
      search.size() > 1 && merged_.mode.value_or(ShortNames::Enforcing) == ShortNames::Enforcing;
  return expansion;
}

const RegistryRule* Registries::rule_for(const Reference& reference) const {
  const RegistryRule* best = nullptr;
  for (const RegistryRule& rule : merged_.rules)
    if (match_prefix(reference.text(), rule.prefix) != kNo &&
        (!best || rule.prefix.size() > best->prefix.size()))
      best = &rule;
  return best;
}

Result<const RegistryRule*> Registries::allowed_rule(const Reference& reference) const {
  const RegistryRule* rule = rule_for(reference);
  if (rule && rule->blocked)
    return Error::because(EPERM, cat(reference.text(), ": registries.conf blocks ", rule->prefix));
  return rule;
}

Result<std::vector<Place>> Registries::places(const Reference& reference) const {
  const RegistryRule* rule = TRY(allowed_rule(reference));
  std::vector<Place> places;
  if (!rule) {
    places.push_back({reference});
    return places;
  }
  const size_t matched = match_prefix(reference.text(), rule->prefix);
  for (const MirrorRule& mirror : rule->mirrors) {
    if (!serves(mirror, reference)) continue;
    places.push_back(TRY(moved(reference, matched, mirror.location, mirror.insecure)));
    places.back().mirror = true;
  }
  places.push_back(TRY(moved(reference, matched, rule->location, rule->insecure)));
  return places;
}

Result<Place> Registries::destination(const Reference& reference) const {
  const RegistryRule* rule = TRY(allowed_rule(reference));
  return Place{reference, rule ? rule->insecure : Insecure::No};
}

Error ambiguous_name(std::string_view text, const Expansion& expansion) {
  std::string names;
  for (const Reference& name : expansion.names)
    names += cat(names.empty() ? "" : " or ", name.text());
  return Error::because(EINVAL, cat(quoted(text), " may be ", names, ": write which"));
}

}  // namespace wolffia::image::remote
