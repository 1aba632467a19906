// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "image/reference.hpp"

/// policy.json: which images may be used, and whose signature they need.
/// Source: containers-policy.json(5).
namespace wolffia::image::trust {

/// How the name in a signature has to relate to the name of the image.
enum class Match : uint8_t {
  RepoDigestOrExact,  // the same, or for an image named by digest the same repository
  Exact,
  Repository,
  ExactReference,   // a name given here
  ExactRepository,  // a repository given here
  Remap             // as the first, after a change of the image's name
};

struct SignedIdentity {
  Match match = Match::RepoDigestOrExact;
  std::string name;           // of ExactReference, ExactRepository; the prefix of Remap
  std::string signed_prefix;  // of Remap
};

/// One thing that has to hold.
struct Requirement {
  enum class Kind : uint8_t { AcceptAnything, Reject, SigstoreSigned, Unsupported };
  Kind kind = Kind::Reject;
  std::string type;                // as written, for messages
  std::vector<std::string> paths;  // of public keys, one of which has to have signed
  std::vector<std::string> keys;   // the same as PEM
  SignedIdentity identity;
};

/// All of them have to hold; never empty.
using Requirements = std::vector<Requirement>;

class Policy {
 public:
  /// Strict: a member that is unknown, twice there or of another type makes the whole text invalid;
  /// a requirement that we cannot check is kept, and rejects. Errors: EINVAL, naming the field.
  static Result<Policy> parse(std::string text, const std::string& path);

  /// The policy of `wanted` (--policy), ~/.config/containers/policy.json or
  /// /etc/containers/policy.json. Where there is none, everything is accepted: a machine where
  /// nothing was set up has no policy to break.
  static Result<Policy> load(const std::string& wanted);

  /// What has to hold for an image of a registry: the most specific scope alone counts.
  const Requirements& for_registry(const Reference& reference) const;

  /// The same for a file or directory; `transport` is "oci", "oci-archive", "docker-archive"; the
  /// scopes are the absolute `path` and the directories above it.
  const Requirements& for_path(std::string_view transport, std::string_view path) const;

 private:
  struct Scope {
    std::string transport, name;
    Requirements requirements;
  };
  const Requirements* find(std::string_view transport, std::string_view scope) const;
  const Requirements& most_specific(std::string_view transport,
                                    const std::vector<std::string>& scopes) const;
  Requirements default_;
  std::vector<Scope> scopes_;
};

/// The scopes that `reference` is in, most specific first: "host/a/b:tag", "host/a/b", "host/a",
/// "host", "*.example.com" …
std::vector<std::string> registry_scopes(const Reference& reference);

}  // namespace wolffia::image::trust
