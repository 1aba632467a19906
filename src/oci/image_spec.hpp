// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "oci/digest.hpp"

/// image-spec 1.1 and Docker's schema 2 as structs that cannot hold an invalid value: what
/// parse_image.hpp returns needs no second check. Unknown members are not errors, and stay only in
/// the bytes, which are never written anew.
namespace wolffia::oci {

/// The members of an object of strings, in the order written.
using Annotations = std::vector<std::pair<std::string, std::string>>;

/// What a program is made for. Source: image-spec image-index.md, "platform".
struct Platform {
  std::string os;            // "linux"; may be empty
  std::string architecture;  // GOARCH: "amd64"; may be empty
  std::string variant;       // "v8"; may be empty
  std::string os_version;    // may be empty
};

/// A reference to some bytes. Source: image-spec descriptor.md.
struct Descriptor {
  std::string media_type;
  Digest digest;
  uint64_t size;  // at most 2^53
  std::optional<Platform> platform = {};
  Annotations annotations = {};
  std::string artifact_type = {};        // may be empty
  std::vector<std::string> urls = {};    // of foreign layers; may be empty
  std::optional<std::string> data = {};  // the bytes themselves, decoded; their size is `size`
};

/// Source: image-spec manifest.md; Docker's image-manifest-v2-2.
struct Manifest {
  std::string media_type;  // of the body, or what the caller was told it is
  Descriptor config;
  std::vector<Descriptor> layers;  // lowest first
  std::string artifact_type;       // may be empty
  std::optional<Descriptor> subject;
  Annotations annotations;
};

/// Source: image-spec image-index.md; Docker's manifest list.
struct Index {
  std::string media_type;
  std::vector<Descriptor> manifests;  // the first that matches is the one
  std::string artifact_type;          // may be empty
  Annotations annotations;
};

/// One step of how an image was made.
struct History {
  std::string created;  // RFC 3339; may be empty
  std::string created_by;
  std::string comment;
  bool empty_layer = false;
};

/// What an image says about running it. Source: image-spec config.md.
struct ImageConfig {
  Platform platform;
  std::string created;  // RFC 3339; may be empty
  std::string author;

  std::string user;              // as written: "name", "uid", "user:group"; may be empty
  std::vector<std::string> env;  // NAME=VALUE; entries of another form are dropped (I7)
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string working_dir;                 // may be empty
  std::vector<std::string> exposed_ports;  // "80/tcp"
  std::vector<std::string> volumes;        // absolute paths inside; others are dropped
  Annotations labels;
  std::string stop_signal;  // may be empty

  std::vector<Digest> diff_ids;  // lowest first
  std::vector<History> history;
};

/// The media types that are read, as the specifications write them.
namespace media_type {
inline constexpr std::string_view kManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kEmpty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";
}  // namespace media_type

}  // namespace wolffia::oci
