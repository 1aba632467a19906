// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "cli/image/commands.hpp"
#include "cli/image/outgoing.hpp"
#include "cli/image/source.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"
#include "image/local/layout_writer.hpp"

namespace wolffia::cli::image {
namespace {

using wolffia::image::FoundImage;

/// Each of the images under its name. To standard output nothing else may go.
Result<void> save_archive(const Outgoing& outgoing, const std::vector<FoundImage>& images,
                          Location::Kind kind, const std::string& path) {
  const auto archive = TRY(make_archive(kind, path, path.empty() ? "standard output" : path));
  for (const FoundImage& found : images) {
    if (!found.reference.empty()) archive->name_next({found.reference});
    TRY(outgoing.send(found, *archive));
  }
  return archive->close();
}

Result<void> save_layout(const Outgoing& outgoing, const std::vector<FoundImage>& images,
                         const std::string& path) {
  for (const FoundImage& found : images) {
    const auto layout = TRY(wolffia::image::write_layout(path, found.reference, path));
    TRY(outgoing.send(found, *layout));
    TRY(layout->close());
  }
  return {};
}

/// In the outer namespace, whose root may read the trees.
Result<int> save(const Arguments& arguments, const std::string& owners) {
  const std::string path(arguments.value(kOutput));
  const std::string_view format = arguments.value(kFormat, "oci-archive");
  if (path.empty() && format == "oci-dir")
    return Error::because(EINVAL, "--format oci-dir needs a directory: give --output DIR");
  if (path.empty() && ::isatty(STDOUT_FILENO) == 1)
    return Error::because(EINVAL, "an archive is nothing for a terminal: give --output FILE");
  const auto progress = wanted_progress(arguments);
  const Outgoing outgoing = TRY(Outgoing::open(arguments, owners, *progress));
  std::vector<FoundImage> images;  // all of them before anything is written
  for (const std::string_view name : arguments.positionals())
    images.push_back(TRY(outgoing.find(name)));
  using Kind = Location::Kind;
  if (format == "oci-dir")
    TRY(save_layout(outgoing, images, path));
  else
    TRY(save_archive(outgoing, images,
                     format == "docker-archive" ? Kind::DockerArchive : Kind::LayoutArchive, path));
  return 0;
}

}  // namespace

Result<int> run_save(const Arguments& arguments) {
  return run_as_owner(arguments,
                      [&](const std::string& owners) { return save(arguments, owners); });
}

}  // namespace wolffia::cli::image
