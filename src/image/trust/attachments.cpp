// SPDX-License-Identifier: Apache-2.0
#include "image/trust/attachments.hpp"

#include <algorithm>

#include "image/remote/config_files.hpp"
#include "image/trust/policy.hpp"

namespace wolffia::image::trust {
namespace {

constexpr std::string_view kUse = "use-sigstore-attachments";

}  // namespace

Result<Attachments> Attachments::load() {
  Attachments attachments;
  for (const std::string& directory : remote::config_places("registries.d")) {
    const std::vector<std::string> files = TRY(remote::drop_ins(directory, ".yaml"));
    for (const std::string& path : files) {
      const std::optional<std::string> text = TRY(remote::read_config(path));
      if (text) TRY(attachments.add(*text, path));
    }
    if (!files.empty()) break;  // the user's directory stands in the place of the system's
  }
  return attachments;
}

Result<void> Attachments::add(std::string_view text, const std::string& path) {
  std::vector<std::string> seen;
  for (const YamlScalar& scalar : TRY(parse_yaml_mappings(text, path))) {
    const std::vector<std::string>& keys = scalar.path;
    const std::string where = cat(path, ", line ", scalar.line);
    const bool is_default = keys.front() == "default-docker";
    if (!is_default && keys.front() != "docker")
      return Error::because(EINVAL, cat(where, ": must be docker or default-docker"));
    const size_t depth = is_default ? 1 : 2;
    if (keys.size() < depth) continue;
    const std::string scope = is_default ? "" : keys[1];
    if (keys.size() == depth) {
      const auto same = [&](const Section& section) { return section.scope == scope; };
      if (std::any_of(sections_.begin(), sections_.end(), same))
        return Error::because(EINVAL, cat(where, ": the same scope stands elsewhere too"));
      sections_.push_back({scope, {}});
    } else if (keys.size() == depth + 1) {
      TRY(take(scope, keys.back(), scalar.value, where));
    }
  }
  return {};
}

Result<void> Attachments::take(std::string_view scope, std::string_view key, std::string_view value,
                               const std::string& where) {
  if (key != kUse) return {};
  if (value != "true" && value != "false")
    return Error::because(EINVAL, cat(where, ": ", kUse, " must be true or false"));
  for (Section& section : sections_)
    if (section.scope == scope) section.use = value == "true";
  return {};
}

std::optional<bool> Attachments::used_for(const Reference& reference) const {
  std::vector<std::string> scopes = registry_scopes(reference);
  std::erase_if(scopes, [](const std::string& scope) { return scope.starts_with('*'); });
  scopes.emplace_back();
  for (const std::string& scope : scopes)
    for (const Section& section : sections_)
      if (section.scope == scope) return section.use;
  return {};
}

}  // namespace wolffia::image::trust
