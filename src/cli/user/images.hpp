// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/user/record.hpp"
#include "cli/user/request.hpp"
#include "image/store.hpp"

namespace wolffia::cli::user {

/// An image of the store and the name it was found by.
struct FoundImage {
  image::StoredImage image;
  std::string reference;  // empty: found by its id, or not in the store by name
};

/// The image that `name` means: a full reference; a short name that the store has from Docker's
/// registry or as a local one; an id. nullopt: none. Nothing is fetched.
Result<std::optional<FoundImage>> find_image(const image::Store& store, const std::string& name,
                                             std::string_view owners);

/// find_image(), and where it is missing, or --pull says so, or `request.image` names a file,
/// wolffia-image fetches it first.
/// Errors: ENOENT, a sentence; what wolffia-image said stands on standard error.
Result<FoundImage> get_image(const image::Store& store, const RunRequest& request,
                             std::string_view owners);

/// The image a container was made of, as it lies in the store. Errors: ENOENT, a sentence.
Result<image::StoredImage> image_of_container(const image::Store& store, const Record& record,
                                              const OuterNamespace& outer);

}  // namespace wolffia::cli::user
