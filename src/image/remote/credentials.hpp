// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// Who the user is at a registry, as podman and docker store it: containers-auth.json(5).
namespace wolffia::image::remote {

struct Credentials {
  std::string user, password;
  std::string identity_token;  // instead of both: an OAuth2 refresh token
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// What one auth.json says.
struct AuthFile {
  struct Entry {
    std::string key;  // "docker.io", "quay.io/user/image"
    Credentials credentials;
  };
  struct Helper {
    std::string host, name;
  };
  std::vector<Entry> entries;   // those with credentials
  std::vector<Helper> helpers;  // credHelpers
  std::string store;            // credsStore; may be empty

  /// The entry with the most specific key for `name`, "host/repository" or "host". Keys of docker
  /// ("https://index.docker.io/v1/") count for their host.
  const Credentials* find(std::string_view name) const;
  /// The helper that answers for `host`; empty: none does.
  std::string_view helper(std::string_view host) const;
};

/// Errors: EINVAL, naming the field.
Result<AuthFile> parse_auth_file(std::string text, const std::string& path);

/// The files that are read, first match first: `wanted` (--authfile) or $REGISTRY_AUTH_FILE alone;
/// else $XDG_RUNTIME_DIR/containers/auth.json, ~/.config/containers/auth.json and docker's.
std::vector<std::string> auth_files(const std::string& wanted);

/// The credentials for `name`, "host/repository" or "host"; nullopt: nobody is logged in. A file
/// or a helper that fails is an error, not an anonymous user.
Result<std::optional<Credentials>> find_credentials(const std::vector<std::string>& files,
                                                    std::string_view name);

/// "registry-1.docker.io" and "index.docker.io" are docker.io; any other host is itself.
std::string_view canonical_host(std::string_view host);

}  // namespace wolffia::image::remote
