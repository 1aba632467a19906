// SPDX-License-Identifier: Apache-2.0
#include "cli/image/commands.hpp"
#include "cli/image/incoming.hpp"
#include "cli/image/source.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"

namespace wolffia::cli::image {
namespace {

using wolffia::image::Reference;

/// What --name says, or the name the image has by itself.
Result<std::optional<Reference>> name_for(const Arguments& arguments, const Opened& opened) {
  const auto given = arguments.find(kName);
  if (!given) return opened.reference;
  Reference reference = TRY(local_name(*given), "--name");
  return std::optional(std::move(reference));
}

/// In the outer namespace, whose root owns the trees.
Result<int> pull(const Arguments& arguments, const std::string& owners) {
  wolffia::image::Unpackers unpackers = TRY(wolffia::image::Unpackers::start());
  const wolffia::image::Store store = TRY(wanted_store(arguments));
  const oci::Platform platform = TRY(wanted_platform(arguments));
  const auto progress = wanted_progress(arguments);
  Access access = TRY(Access::open(arguments, progress.get()));
  const Opened opened = TRY(access.source(arguments.positionals()[0]));
  const std::optional<Reference> name = TRY(name_for(arguments, opened));
  const auto image = TRY(wolffia::image::resolve_image(*opened.source, platform));
  TRY(access.check_policy(opened, image.raw.digest));
  tell_platform(opened.source->name(), image.config.platform, platform);
  wolffia::image::PullOptions options;
  options.name = name;
  options.owners = owners;
  options.keep_blobs = wanted_blobs(arguments);
  TRY(bring_in({*opened.source, unpackers, *progress}, image, store, options));
  TRY(print(cat(image.raw.digest.text(), "\n")));
  return 0;
}

}  // namespace

Result<int> run_pull(const Arguments& arguments) {
  TRY(tell_ids());
  return run_as_owner(arguments,
                      [&](const std::string& owners) { return pull(arguments, owners); });
}

}  // namespace wolffia::cli::image
