// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "json/writer.hpp"
#include "oci/image_spec.hpp"

namespace wolffia::cli {

/// What an image says of how it is run, as an object: the same in wolffia(1) and wolffia-image(1).
void write_image_config(json::Writer& out, const oci::ImageConfig& config);

/// The object NAME of string members.
void write_pairs(json::Writer& out, std::string_view name, const oci::Annotations& pairs);

}  // namespace wolffia::cli
