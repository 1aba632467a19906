// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oci/image_spec.hpp"

namespace wolffia::oci {

/// Manifests and configs are read up to this many bytes, whoever sends them.
inline constexpr size_t kManifestLimit = 4U << 20;

/// How a layer is packed. Source: image-spec layer.md; Docker's image-manifest-v2-2.
enum class Compression : uint8_t { None, Gzip, Zstd };

/// Whether `media_type` is an index or a manifest list; a manifest; a layer that can be unpacked.
bool is_index(std::string_view media_type);
bool is_manifest(std::string_view media_type);
/// Errors: ENOTSUP, naming the type, when it is no layer of a file system.
Result<Compression> layer_compression(std::string_view media_type);

/// The media type that `text` gives itself, or, where it has none, `told` (a header, a descriptor).
/// Errors: EINVAL when the two differ, or when the members of an index and of a manifest stand in
/// one text (CVE-2021-41190); `name` is what messages call it.
Result<std::string> body_media_type(const std::string& text, std::string_view told,
                                    std::string_view name);

/// Errors: EINVAL, one sentence with the field; ENOTSUP for schema 1 and for types that are no
/// image.
Result<Manifest> parse_manifest(std::string text, std::string_view told, std::string_view name);
Result<Index> parse_index(std::string text, std::string_view told, std::string_view name);

/// Errors: as above; also when rootfs.type is not "layers".
Result<ImageConfig> parse_image_config(std::string text, std::string_view name);

/// The platform of this machine; a variant of arm is the highest that the kernel says it runs.
Platform own_platform();
/// "os/arch[/variant]" or "arch". Errors: EINVAL.
Result<Platform> parse_platform(std::string_view text);
/// The entry of `index` for `wanted`: the first of the best variant at or below the wanted one
/// (arm v8, v7, v6; amd64 v4 to v1). nullptr: none.
const Descriptor* choose_platform(const Index& index, const Platform& wanted);

}  // namespace wolffia::oci
