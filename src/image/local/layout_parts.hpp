// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "image/source.hpp"
#include "oci/image_spec.hpp"

/// What reading and writing a layout share. Source: image-spec image-layout.md.
namespace wolffia::image {

inline constexpr std::string_view kLayoutFile = "oci-layout";
inline constexpr std::string_view kLayoutVersion = R"({"imageLayoutVersion":"1.0.0"})";
inline constexpr std::string_view kIndexFile = "index.json";
inline constexpr std::string_view kTagAnnotation = "org.opencontainers.image.ref.name";

/// "blobs/sha256/44…".
std::string blob_path(const oci::Digest& digest);

/// The tag of an entry of index.json; empty: none.
std::string tag_of(const oci::Descriptor& entry);

/// Adds `top` under `tag`, if that is not empty, and takes the tag from what had it.
void add_to_index(oci::Index& index, const RawManifest& top, const std::string& tag);
/// index.json of a layout.
std::string encode_index(const oci::Index& index);

}  // namespace wolffia::image
