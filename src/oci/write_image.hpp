// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>

#include "base/result.hpp"
#include "json/writer.hpp"
#include "oci/image_spec.hpp"

/// Documents of images, written. What stems from another image keeps all of its members that are
/// not named here, byte for byte.
namespace wolffia::oci {

/// As one value; `data` is left out, which is only a copy.
void write_descriptor(json::Writer& out, const Descriptor& descriptor);

/// A manifest of `media_type`, OCI's or Docker's.
std::string write_manifest(std::string_view media_type, const Descriptor& config,
                           std::span<const Descriptor> layers);

/// `manifest` with another config and other layers. Errors: EINVAL when it is no object.
Result<std::string> edit_manifest(const std::string& manifest, const Descriptor& config,
                                  std::span<const Descriptor> layers);

/// "rootfs" of a config.
std::string write_rootfs(std::span<const Digest> diff_ids);

enum class Packing : bool { Plain, Gzip };
/// The media type of a layer in a manifest of `manifest_type`: in Docker's, one of Docker's.
std::string layer_type(std::string_view manifest_type, Packing packing);

}  // namespace wolffia::oci
