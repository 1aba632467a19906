// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/copy.hpp"
#include "cli/image/commands.hpp"
#include "cli/image/source.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"

namespace wolffia::cli::image {

namespace {

/// Of the image for `platform`; without one of what stands for all of them: a signature of one
/// image is none of the others in its index.
Result<oci::Digest> digest_of_all(wolffia::image::Source& source,
                                  const std::optional<oci::Platform>& platform) {
  if (!platform) return TRY(source.top()).digest;
  return TRY(wolffia::image::resolve_image(source, *platform)).raw.digest;
}

}  // namespace

Result<int> run_copy(const Arguments& arguments) {
  const oci::Platform platform = TRY(wanted_platform(arguments));
  const auto words = arguments.positionals();
  const auto progress = wanted_progress(arguments);
  Access access = TRY(Access::open(arguments, progress.get()));
  const Opened opened = TRY(access.source(words[0]));
  const auto wanted = arguments.has(kAll) ? std::nullopt : std::optional(platform);
  TRY(access.check_policy(opened, TRY(digest_of_all(*opened.source, wanted))));
  const auto destination = TRY(access.destination(words[1]));
  const oci::Digest digest =
      TRY(wolffia::image::copy_image(*opened.source, *destination, wanted, *progress));
  TRY(destination->close());
  TRY(print(cat(digest.text(), "\n")));
  return 0;
}

}  // namespace wolffia::cli::image
