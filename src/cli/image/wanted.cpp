// SPDX-License-Identifier: Apache-2.0
#include "base/quote.hpp"
#include "cli/image/commands.hpp"
#include "cli/image/progress.hpp"
#include "cli/image_options.hpp"
#include "cli/log.hpp"
#include "cli/output.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::cli::image {

bool is_path(std::string_view word) {
  return word.starts_with('/') || word.starts_with("./") || word.starts_with("../") ||
         word == "." || word == "..";
}

Result<oci::Platform> wanted_platform(const Arguments& arguments) {
  const auto text = arguments.find(kPlatform);
  if (!text) return oci::own_platform();
  return TRY(oci::parse_platform(*text), "--platform");
}

void tell_platform(const std::string& name, const oci::Platform& offered,
                   const oci::Platform& wanted) {
  if (offered.architecture.empty() || oci::is_for(offered, wanted)) return;
  print_message(sentence(kProgram.name, Level::Warning,
                         cat(quoted_if_needed(name), " is an image for ",
                             quoted_if_needed(oci::platform_text(offered)), " and not for ",
                             oci::platform_text(wanted))));
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
