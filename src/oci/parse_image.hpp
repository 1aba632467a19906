// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oci/image_spec.hpp"

namespace wolffia::oci {

/// Manifests, indexes and configs are read up to this many bytes, whoever sends them.
inline constexpr size_t kManifestLimit = 4U << 20;
/// An index has at most this many entries, and a manifest as many layers: an artifact may well have
/// thousands of files.
inline constexpr size_t kMaxDescriptors = 10'000;
/// An image that runs has at most this many. Source: OVL_MAX_STACK of fs/overlayfs/params.h.
inline constexpr size_t kMaxLayers = 500;
/// An index may name an index, so many times over.
inline constexpr size_t kMaxIndexDepth = 4;

/// How a layer is packed. Source: image-spec layer.md; Docker's image-manifest-v2-2.
enum class Compression : uint8_t { None, Gzip, Zstd };

/// Whether `media_type` is an index or a manifest list; a manifest; the config of an image.
bool is_index(std::string_view media_type);
bool is_manifest(std::string_view media_type);
bool is_image_config(std::string_view media_type);
/// Errors: ENOTSUP, naming the type, when it is no layer of a file system.
Result<Compression> layer_compression(std::string_view media_type);

/// The media type that `text` gives itself, or, where it has none, `told` (a header, a descriptor).
/// Where neither says one, or `told` is one of those that servers give to any file
/// ("application/json"), the members decide: "manifests" makes an index, all else is a manifest.
/// Errors: EINVAL when the two differ, or when the members of an index and of a manifest stand in
/// one text (CVE-2021-41190); ENOTSUP for schema 1; `name` is what messages call it.
Result<std::string> body_media_type(const std::string& text, std::string_view told,
                                    std::string_view name);

/// `told` as above. A manifest may be that of an artifact: check_image() tells.
/// Errors: EINVAL, one sentence with `name` and the field; ENOTSUP for schema 1 and for a type that
/// is no manifest (no index); EFBIG beyond kManifestLimit.
Result<Manifest> parse_manifest(std::string text, std::string_view told, std::string_view name);
Result<Index> parse_index(std::string text, std::string_view told, std::string_view name);

/// That `manifest` is of an image, which can be unpacked and run: its config is one of an image and
/// each layer one of a file system. To be asked before the config is parsed and before a layer is
/// unpacked. Errors: ENOTSUP, naming the type; E2BIG for more than kMaxLayers layers.
Result<void> check_image(const Manifest& manifest);

/// Errors: as above; also when rootfs.type is not "layers".
Result<ImageConfig> parse_image_config(std::string text, std::string_view name);

/// That the config is that of the manifest: there is a diff_id for every layer.
Result<void> check_layers(const Manifest& manifest, const ImageConfig& config);

/// The platform of this machine; a variant of arm is the highest that the kernel says it runs.
Platform own_platform();
/// "os/arch[/variant]" or "arch"; the names that uname(1) and Debian have for an architecture will
/// do. Errors: EINVAL.
Result<Platform> parse_platform(std::string_view text);
std::string platform_text(const Platform& platform);
/// Whether what is made for `offered` is what somebody with `wanted` looks for: choose_platform()'s
/// rule.
bool is_for(const Platform& offered, const Platform& wanted);
/// The entry of `index` for `wanted`: the first of the best variant at or below the wanted one
/// (arm v8, v7, v6; amd64 v4 to v1). An entry without a platform comes after all that have one.
/// nullptr: none. What is neither an image nor an index is passed over.
const Descriptor* choose_platform(const Index& index, const Platform& wanted);

}  // namespace wolffia::oci
