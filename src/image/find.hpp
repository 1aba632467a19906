// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "image/store.hpp"

namespace wolffia::image {

/// An image of the store and the name it was found by.
struct FoundImage {
  StoredImage image;
  std::string reference;  // empty: found by its id, or not in the store by name
};

/// The references, as Reference::text(), that `name` may mean in a store, the first the best;
/// itself where it is none.
std::vector<std::string> full_names(const std::string& name);

/// A reference of Docker's registry or a local one without what a person need not type, as
/// "debian:12"; others as they are. What it means in a store is the first of full_names() there.
std::string short_name(std::string_view reference);

/// The image that `name` means: a full reference; a short name that the store has from Docker's
/// registry or as a local one; an id. nullopt: none. Nothing is fetched.
Result<std::optional<FoundImage>> find_image(const Store& store, const std::string& name,
                                             std::string_view owners);

/// Why the store has no image `name`: a sentence.
Error missing_image(const Store& store, const std::string& name);

}  // namespace wolffia::image
