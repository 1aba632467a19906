// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "cli/image/commands.hpp"
#include "cli/image/outgoing.hpp"
#include "cli/image/source.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::image {
namespace {

using wolffia::image::FoundImage;

/// Of images that were made here, or named so.
constexpr std::string_view kLocalNames = "localhost/";

/// Where to: what was given, else the place that the image's own name says.
Result<std::string> destination_of(const Arguments& arguments, const FoundImage& found) {
  const auto words = arguments.positionals();
  if (words.size() > 1) return std::string(words[1]);
  if (found.reference.empty() || found.reference.starts_with(kLocalNames))
    return Error::because(EINVAL,
                          cat(called(found), " names no registry: say where to push it as well"));
  return found.reference;
}

Result<void> write_digest(const Arguments& arguments, const oci::Digest& digest) {
  const auto file = arguments.find(kDigestFile);
  if (!file) return {};
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
  const sys::Fd out = TRY(sys::open_at(sys::cwd(), std::string(*file).c_str(), kFlags, 0644),
                          "--digestfile ", *file);
  TRY(sys::write_all(out, digest.text()), "--digestfile ", *file);
  return {};
}

/// In the outer namespace, whose root may read the trees.
Result<int> push(const Arguments& arguments, const std::string& owners) {
  const auto progress = wanted_progress(arguments);
  const Outgoing outgoing = TRY(Outgoing::open(arguments, owners, *progress));
  const FoundImage found = TRY(outgoing.find(arguments.positionals()[0]));
  Access access = TRY(Access::open(arguments, progress.get()));
  const std::string where = TRY(destination_of(arguments, found));
  const auto to = TRY(access.destination(where, found.reference));
  const oci::Digest digest = TRY(outgoing.send(found, *to));
  TRY(to->close());
  TRY(write_digest(arguments, digest));
  TRY(print(cat(digest.text(), "\n")));
  return 0;
}

}  // namespace

Result<int> run_push(const Arguments& arguments) {
  return run_as_owner(arguments,
                      [&](const std::string& owners) { return push(arguments, owners); });
}

}  // namespace wolffia::cli::image
