// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "oci/image_spec.hpp"

/// What reading and writing a layout share. Source: image-spec image-layout.md.
namespace wolffia::image {

inline constexpr std::string_view kTagAnnotation = "org.opencontainers.image.ref.name";

/// "blobs/sha256/44…".
std::string blob_path(const oci::Digest& digest);

/// The tag of an entry of index.json; empty: none.
std::string tag_of(const oci::Descriptor& entry);

}  // namespace wolffia::image
