// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "image/destination.hpp"
#include "image/remote/registries.hpp"
#include "image/remote/session.hpp"
#include "image/source.hpp"

namespace wolffia::image::remote {

/// Who we are: the files of `auth_files()`, or what the user gave for the one registry at hand.
struct Identity {
  std::vector<std::string> files;
  std::optional<Credentials> given;
};

/// What may be done in a repository, as a token names it.
enum class Rights : uint8_t { Pull, Push };

/// One repository of one registry. Source: distribution-spec 1.1. All functions may be called by
/// several threads at once.
class Repository {
 public:
  /// Errors: those of find_credentials().
  static Result<std::unique_ptr<Repository>> open(Transport& transport, const Place& place,
                                                  const Identity& identity,
                                                  Rights rights = Rights::Pull);
  Repository(Transport& transport, const Place& place, std::optional<Credentials> credentials,
             Rights rights);

  /// A manifest or index by tag or by digest; by digest its bytes are verified before anything is
  /// read, and with a descriptor their number before that. Errors: ENOENT; EACCES; EINVAL when
  /// bytes, digest, size or types do not agree; EFBIG.
  Result<RawManifest> manifest(const std::string& tag);
  Result<RawManifest> manifest(const oci::Digest& digest);
  Result<RawManifest> manifest(const oci::Descriptor& wanted);

  /// The bytes of a blob, as Source::blob() has it. What is not in the registry is asked for at its
  /// `urls`, without credentials.
  Result<void> blob(const oci::Descriptor& wanted, uint64_t offset, const Sink& sink);

  Result<std::vector<std::string>> tags();

  /// What refers to `subject`: signatures and the like; from the tag "sha256-HEX" where the
  /// registry does not know. `artifact_type` may be empty: all.
  Result<std::vector<oci::Descriptor>> referrers(const oci::Digest& subject,
                                                 std::string_view artifact_type);

  Session& session() { return session_; }
  const std::string& scope() const { return scope_; }
  /// "library/debian/…", for Session::request().
  std::string path(std::string_view rest) const { return cat(repository_, "/", rest); }
  std::string name() const { return cat(session_.host(), "/", repository_); }

 private:
  Result<RawManifest> get_manifest(const std::string& reference, const oci::Digest* digest,
                                   const oci::Descriptor* wanted);
  Result<std::vector<oci::Descriptor>> referrers_tag(const oci::Digest& subject);

  Session session_;
  const std::string repository_;
  const std::string scope_;
};

/// Whether the registry takes the credentials; for `login`. Errors: EACCES.
Result<void> check_login(Transport& transport, const std::string& host, Insecure insecure,
                         const Credentials& credentials);

/// The image `name` from the first of `places` that has it; what the others said is told when none
/// has. What the user gave of themselves is not shown to mirrors.
/// Precondition: `transport` outlives it; `places` is not empty.
std::unique_ptr<Source> open_registry(Transport& transport, std::vector<Place> places,
                                      Identity identity, std::string name);

/// Where `place` is pushed to. `from`, which may be empty, is a repository of the same registry
/// whose blobs need not be sent. Precondition: `transport` outlives it.
Result<std::unique_ptr<Destination>> open_registry_destination(Transport& transport,
                                                               const Place& place,
                                                               const Identity& identity,
                                                               std::string from);

/// Puts a manifest under a tag or under its digest; one that refers to another is also found by
/// referrers() where the registry itself does not see to that.
Result<void> put_manifest_as(Repository& repository, const RawManifest& manifest,
                             const std::string& name);

}  // namespace wolffia::image::remote
