// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/option.hpp"
#include "image/destination.hpp"
#include "image/local/archive_writer.hpp"
#include "image/reference.hpp"
#include "image/remote/registry.hpp"
#include "image/source.hpp"
#include "image/transfer/progress.hpp"
#include "image/transfer/resolve.hpp"

namespace wolffia::cli::image {

/// Where an image is, as a command line says it. Source: containers-transports(5).
struct Location {
  enum class Kind : uint8_t { Registry, Layout, LayoutArchive, DockerArchive };
  Kind kind = Kind::Registry;
  std::string path;  // of the file or directory; of a registry the whole reference
  std::string tag;   // behind the path; may be empty
};

/// "oci:DIR[:TAG]", "oci-archive:FILE[:TAG]", "docker-archive:FILE[:NAME:TAG]", "docker://NAME" or
/// "NAME". Errors: EINVAL for another transport, or without a path.
Result<Location> parse_location(std::string_view text);

/// An archive to write, in place of the file `path`; empty: to standard output. `name` is what
/// messages call it. Precondition: `kind` is one of an archive.
Result<std::unique_ptr<wolffia::image::ImageArchive>> make_archive(Location::Kind kind,
                                                                   const std::string& path,
                                                                   std::string name);

/// A source, where it is, and what is known of it.
struct Opened {
  std::unique_ptr<wolffia::image::Source> source;
  Location location;
  std::optional<wolffia::image::Reference> reference;  // of a registry: its full name
  std::vector<wolffia::image::remote::Place> places;   // likewise: where it may come from
};

/// What the options say about registries, and the connections to them.
class Access {
 public:
  /// `told`, if any, is told of every wait for a registry, and lives as long as the sources.
  /// Errors: EINVAL for an option or a configuration file.
  static Result<Access> open(const Arguments& arguments, wolffia::image::Progress* told = nullptr);

  /// Errors: ENOENT, EINVAL naming the location and what is wrong with it.
  Result<Opened> source(std::string_view text);

  /// Whether policy.json lets the manifest `image`, of `opened`, be used. To be asked before
  /// anything of it is unpacked. Errors: EACCES; those of reading the policy.
  Result<void> check_policy(const Opened& opened, const oci::Digest& image);

  /// The same for an image of a file or directory. An empty path, of what comes from a pipe, is in
  /// no scope but that of its transport. Precondition: no location of a registry.
  Result<void> check_policy(const Location& location, const oci::Digest& image) const;

  /// A repository of a registry, for what is more than images. Errors: EINVAL for another source.
  Result<std::unique_ptr<wolffia::image::remote::Repository>> repository(
      const Opened& opened, wolffia::image::remote::Rights rights);

  /// What is written to an archive is there after close(); it calls the image `name`, where `text`
  /// has no tag and `name` is not empty. Errors: EINVAL naming the location and
  /// what is wrong with it; those of making the file.
  Result<std::unique_ptr<wolffia::image::Destination>> destination(std::string_view text,
                                                                   std::string_view name = {});

  /// Whether the registry `host` takes the credentials. Errors: EACCES.
  Result<void> log_in(const std::string& host,
                      const wolffia::image::remote::Credentials& credentials);

 private:
  explicit Access(wolffia::image::remote::Identity identity) : identity_(std::move(identity)) {}
  Result<Opened> registry(const std::string& name);
  Result<std::vector<wolffia::image::Reference>> expand(const std::string& name) const;
  /// Registries are read about, and libcurl is started, when one is needed.
  Result<void> prepare();

  wolffia::image::remote::Identity identity_;
  wolffia::image::Progress* told_ = nullptr;
  bool verify_ = true;
  std::string certificates_;  // --cert-dir; may be empty
  std::string policy_;        // --policy; may be empty
  std::unique_ptr<wolffia::image::remote::Transport> transport_;
  std::optional<wolffia::image::remote::Registries> registries_;
};

}  // namespace wolffia::cli::image
