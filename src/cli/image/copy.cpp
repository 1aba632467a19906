// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/copy.hpp"
#include "cli/image/commands.hpp"
#include "cli/image/options.hpp"
#include "cli/image/source.hpp"
#include "cli/output.hpp"

namespace wolffia::cli::image {

Result<int> run_copy(const Arguments& arguments) {
  const oci::Platform platform = TRY(wanted_platform(arguments));
  const auto words = arguments.positionals();
  Access access = TRY(Access::open(arguments));
  const Opened opened = TRY(access.source(words[0]));
  TRY(access.check_policy(opened, TRY(wolffia::image::resolve_image(*opened.source, platform))));
  const auto destination = TRY(access.destination(words[1]));
  const auto progress = wanted_progress(arguments);
  const auto wanted = arguments.has(kAll) ? std::nullopt : std::optional(platform);
  const oci::Digest digest =
      TRY(wolffia::image::copy_image(*opened.source, *destination, wanted, *progress));
  TRY(print(cat(digest.text(), "\n")));
  return 0;
}

}  // namespace wolffia::cli::image
