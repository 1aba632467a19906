// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/remote/message.hpp"

namespace wolffia::image::remote {

/// Pulls of which references a mirror is asked for.
enum class MirrorUse : uint8_t { All, DigestOnly, TagOnly };

struct MirrorRule {
  std::string location;
  Insecure insecure = Insecure::No;
  MirrorUse use = MirrorUse::All;
};

/// One [[registry]] table.
struct RegistryRule {
  std::string prefix;    // "example.com/foo", "*.example.com"
  std::string location;  // empty only with a wildcard: the name stays as it is
  Insecure insecure = Insecure::No;
  bool blocked = false;
  std::vector<MirrorRule> mirrors;
};

enum class ShortNames : uint8_t { Enforcing, Permissive, Disabled };

/// What one registries.conf says; members that it leaves out are unset.
struct RegistriesFile {
  std::optional<std::vector<std::string>> search;  // unqualified-search-registries
  std::optional<ShortNames> mode;
  std::vector<RegistryRule> rules;
  std::map<std::string, std::string> aliases;  // an empty value takes an alias away
};

/// Source: containers-registries.conf(5), version 2. Errors: EINVAL, naming `path` and the line or
/// the key; ENOTSUP for version 1.
Result<RegistriesFile> parse_registries(const std::string& text, const std::string& path);

}  // namespace wolffia::image::remote
