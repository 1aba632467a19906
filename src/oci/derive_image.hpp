// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "oci/image_spec.hpp"

/// Images that are made of others, or of nothing, by one more layer.
namespace wolffia::oci {

/// What is said of the new layer, and of the image from then on.
struct NewStep {
  std::string created;  // RFC 3339
  std::string created_by;
  std::string comment;               // may be empty
  std::string author;                // may be empty: that of the image
  std::vector<std::string> changes;  // instructions: see config_changes.hpp
};

/// The config of an image without layers and without a word of how it is run.
std::string blank_config(const Platform& platform);

/// `config` with the layer `diff_id` on top and an entry in its history; members that neither the
/// step nor its changes name stay byte for byte. Errors: EINVAL for a change, or for what is no
/// config; E2BIG when it would be one layer too many, or too long to be read again.
Result<std::string> add_step(const std::string& config, const Digest& diff_id, const NewStep& step);

/// `manifest` with that config and one more layer. It is about itself alone: a "subject" goes.
/// Errors: EINVAL; EFBIG when it would be too long to be read again.
Result<std::string> add_layer(const std::string& manifest, const Descriptor& config,
                              std::span<const Descriptor> layers);

}  // namespace wolffia::oci
