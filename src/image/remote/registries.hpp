// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "image/reference.hpp"
#include "image/remote/registries_file.hpp"

namespace wolffia::image::remote {

/// A place to ask for an image.
struct Place {
  Reference reference;  // as that registry knows it
  Insecure insecure = Insecure::No;
  bool mirror = false;
};

/// The full names that a name of the user's may stand for, best first.
struct Expansion {
  std::vector<Reference> names;  // at least one
  bool ambiguous = false;        // somebody has to choose; without a terminal it is an error
};

/// registries.conf and its drop-ins: where a name leads. Where none of them names registries for
/// short names, docker.io is the one, so that "debian:12" works where nothing was set up.
class Registries {
 public:
  /// Reads $CONTAINERS_REGISTRIES_CONF, or ~/.config/containers/registries.conf, or that of
  /// /etc/containers; then registries.conf.d of the system and of the user; then the aliases that
  /// podman recorded.
  static Result<Registries> load();

  /// Adds what a later file says: it wins, registry by registry and alias by alias.
  void add(RegistriesFile file);

  /// Errors: EINVAL when `text` is no reference; ENOENT for a short name where the configuration
  /// says that there are no registries to search.
  Result<Expansion> expand(std::string_view text) const;

  /// Where to pull `reference` from, in order: mirrors, then its registry. Errors: EPERM, blocked.
  Result<std::vector<Place>> places(const Reference& reference) const;

  /// Where to push it: mirrors and other locations are for reading. Errors: EPERM, blocked.
  Result<Place> destination(const Reference& reference) const;

 private:
  const RegistryRule* rule_for(const Reference& reference) const;
  Result<const RegistryRule*> allowed_rule(const Reference& reference) const;
  RegistriesFile merged_;
};

/// The error that `text` may mean any of the names, with the names.
Error ambiguous_name(std::string_view text, const Expansion& expansion);

/// How many characters of `name` the prefix of a rule matches; npos: it does not.
size_t match_prefix(std::string_view name, std::string_view prefix);

}  // namespace wolffia::image::remote
