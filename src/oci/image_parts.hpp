// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "json/field.hpp"
#include "oci/image_spec.hpp"

/// What the parsers of manifests, indexes and configs share.
namespace wolffia::oci {

/// The text, which messages call `name`. Errors: EFBIG beyond kManifestLimit; EINVAL.
Result<json::Document> read_image_document(std::string text, std::string_view name);

/// The digest that a member or item is. Errors: EINVAL, with its path.
Result<Digest> parse_digest(const json::Field& field);

/// The members of a platform, which a descriptor and the config of an image have alike: none is
/// required of others' files.
Result<Platform> parse_platform_object(const json::Object& object);

}  // namespace wolffia::oci
