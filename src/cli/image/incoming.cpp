// SPDX-License-Identifier: Apache-2.0
#include "cli/image/incoming.hpp"

#include "cli/image_options.hpp"

namespace wolffia::cli::image {

using wolffia::image::KeepBlobs;
using wolffia::image::Reference;

KeepBlobs wanted_blobs(const Arguments& arguments) {
  return arguments.has(kKeepBlobs) ? KeepBlobs::All : KeepBlobs::No;
}

Result<Reference> local_name(std::string_view name) {
  return wolffia::image::parse_reference(wolffia::image::has_host(name) ? std::string(name)
                                                                        : cat("localhost/", name));
}

Result<void> bring_in(const wolffia::image::PullMeans& means,
                      const wolffia::image::ResolvedImage& image,
                      const wolffia::image::Store& store,
                      const wolffia::image::PullOptions& options) {
  const oci::Digest& digest = image.raw.digest;
  const bool here = TRY(store.find_id(digest.text(), options.owners)).has_value();
  if (here && options.keep_blobs == KeepBlobs::No) {
    if (options.name) TRY(store.tag(*options.name, digest));
    return {};
  }
  TRY(wolffia::image::pull_image(means, image, store, options), means.source.name());
  return {};
}

}  // namespace wolffia::cli::image
