// SPDX-License-Identifier: Apache-2.0
#include "cli/image/commands.hpp"
#include "cli/image/options.hpp"
#include "cli/image/progress.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::cli::image {

Result<oci::Platform> wanted_platform(const Arguments& arguments) {
  const auto text = arguments.find(kPlatform);
  if (!text) return oci::own_platform();
  return TRY(oci::parse_platform(*text), "--platform");
}

Result<wolffia::image::Store> wanted_store(const Arguments& arguments) {
  const std::string path = TRY(wolffia::image::store_path(std::string(arguments.value(kStore))));
  return TRY(wolffia::image::Store::open(path), path);
}

std::unique_ptr<wolffia::image::Progress> wanted_progress(const Arguments& arguments) {
  const std::string_view word = arguments.value(kProgress, "auto");
  Show show = choose_show();
  if (word == "bar") show = Show::Bars;
  if (word == "plain") show = Show::Plain;
  if (word == "json") show = Show::Json;
  if (word == "none" || arguments.has(kQuiet)) show = Show::None;
  return wolffia::cli::image::make_progress(show);
}

}  // namespace wolffia::cli::image
