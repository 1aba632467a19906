// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "image/destination.hpp"

namespace wolffia::image {

/// The OCI layout in `directory`, made where it is missing, where the image gets the tag `tag`, if
/// that is not empty, and takes it from what had it. What is written appears whole or not at all.
/// Source: image-spec image-layout.md.
Result<std::unique_ptr<Destination>> write_layout(const std::string& directory, std::string tag,
                                                  std::string name);

}  // namespace wolffia::image
