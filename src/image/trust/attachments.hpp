// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/reference.hpp"

namespace wolffia::image::trust {

/// registries.d: where signatures are attached to images. Of it only use-sigstore-attachments is
/// ours; signatures elsewhere ("lookaside") are GnuPG's.
class Attachments {
 public:
  /// The .yaml files of ~/.config/containers/registries.d, or where that is missing of
  /// /etc/containers/registries.d. Source: containers-registries.d(5).
  static Result<Attachments> load();

  /// Adds one file. Read is what such files are made of: mappings in mappings by indentation, with
  /// plain or quoted scalars. Errors: EINVAL, naming path and line, for any other YAML, and for a
  /// scope that another file has too.
  Result<void> add(std::string_view text, const std::string& path);

  /// What the most specific scope of `reference` says; nullopt: nothing.
  std::optional<bool> used_for(const Reference& reference) const;

 private:
  struct Section {
    std::string scope;  // empty: default-docker
    std::optional<bool> use;
  };
  Result<void> take(std::string_view scope, std::string_view key, std::string_view value,
                    const std::string& where);
  std::vector<Section> sections_;
};

/// One "key: value" of a YAML text, with the keys it stands in.
struct YamlScalar {
  std::vector<std::string> path;
  std::string value;  // empty for a mapping without members
  size_t line = 0;
};
Result<std::vector<YamlScalar>> parse_yaml_mappings(std::string_view text, const std::string& path);

}  // namespace wolffia::image::trust
