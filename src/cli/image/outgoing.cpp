// SPDX-License-Identifier: Apache-2.0
#include "cli/image/outgoing.hpp"

#include "cli/image/commands.hpp"
#include "image/transfer/copy.hpp"
#include "image/transfer/stored.hpp"

namespace wolffia::cli::image {

using wolffia::image::FoundImage;

Result<Outgoing> Outgoing::open(const Arguments& arguments, std::string owners,
                                wolffia::image::Progress& progress) {
  wolffia::image::Store store = TRY(wanted_store(arguments));
  wolffia::image::Writer writer = TRY(wolffia::image::Writer::open(
      store, [&] { progress.note("waiting for wolffia gc, which works on the store"); }));
  return Outgoing(std::move(store), std::move(writer), std::move(owners), progress);
}

Result<FoundImage> Outgoing::find(std::string_view name) const {
  auto found = TRY(wolffia::image::find_image(store_, std::string(name), owners_));
  if (!found) return wolffia::image::missing_image(store_, std::string(name));
  return *std::move(found);
}

Result<oci::Digest> Outgoing::send(const FoundImage& found, wolffia::image::Destination& to) const {
  const wolffia::image::StoredMeans means{store_, writer_, owners_, progress_};
  const auto source =
      TRY(wolffia::image::open_stored(means, found.image.manifest, called(found), to));
  return wolffia::image::copy_image(*source, to, std::nullopt, progress_);
}

std::string called(const FoundImage& found) {
  return found.reference.empty() ? found.image.manifest.text() : found.reference;
}

}  // namespace wolffia::cli::image
