// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "cli/image/commands.hpp"
#include "cli/image/made.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"

namespace wolffia::cli::image {
namespace {

Result<sys::Fd> open_stream(const std::string& path) {
  if (path != "-") return TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY), path);
  if (::isatty(STDIN_FILENO) == 1)
    return Error::because(EINVAL, "no archive comes from a terminal: name a FILE");
  const sys::BorrowedFd in(STDIN_FILENO);
  return sys::Fd(TRY(sys::same_again(in.fd())));
}

/// In the outer namespace, whose root owns the tree.
Result<int> import(const Arguments& arguments, const std::string& owners) {
  wolffia::image::Unpackers unpackers = TRY(wolffia::image::Unpackers::start());
  const auto words = arguments.positionals();
  const std::string path(words[0]);
  oci::Platform platform = TRY(wanted_platform(arguments));
  // What programs need beyond the architecture an archive does not say: not this machine's level.
  if (!arguments.has(kPlatform)) platform.variant.clear();
  const auto order = TRY(wanted_image(arguments, words.size() > 1 ? words[1] : "",
                                      cat("wolffia-image import ", path)));
  const auto progress = wanted_progress(arguments);
  const sys::Fd stream = TRY(open_stream(path));
  const wolffia::image::Store store = TRY(wanted_store(arguments));
  const auto writer = TRY(wolffia::image::Writer::open(
      store, [&] { progress->note("waiting for wolffia gc, which works on the store"); }));
  const oci::Digest digest =
      TRY(wolffia::image::import_root({store, writer, unpackers, owners, *progress}, stream,
                                      platform, order),
          path == "-" ? "standard input" : path);
  TRY(print(cat(digest.text(), "\n")));
  return 0;
}

}  // namespace

Result<int> run_import(const Arguments& arguments) {
  return run_as_owner(arguments,
                      [&](const std::string& owners) { return import(arguments, owners); });
}

}  // namespace wolffia::cli::image
