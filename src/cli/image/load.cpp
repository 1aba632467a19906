// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include "base/quote.hpp"
#include "cli/image/commands.hpp"
#include "cli/image/incoming.hpp"
#include "cli/image/source.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"
#include "image/local/layout.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"

namespace wolffia::cli::image {
namespace {

using wolffia::image::FileSet;
using wolffia::image::NamedImage;
using wolffia::image::Progress;
using wolffia::image::Reference;
using Kind = Location::Kind;

/// What is loaded, with all that loading it takes.
struct Load {
  const Arguments& arguments;
  const wolffia::image::Store& store;
  wolffia::image::Unpackers& unpackers;
  Progress& progress;
  const Access& access;
  Location location;  // what policy.json knows it by
  wolffia::image::PullOptions options;
};

/// -i FILE or FILE; empty: standard input. Errors: EINVAL.
Result<std::string> wanted_file(const Arguments& arguments) {
  const auto given = arguments.find(kInput);
  const auto words = arguments.positionals();
  if (given && !words.empty())
    return Error::because(
        EINVAL, cat("--input ", *given, " and ", quoted_if_needed(words[0]), ": give one of them"));
  const std::string_view file = given ? *given : words.empty() ? "-" : words[0];
  if (file.empty()) return Error::because(EINVAL, "--input must name a file");
  if (file != "-") return std::string(file);
  if (::isatty(STDIN_FILENO) == 1)
    return Error::because(EINVAL, "no archive comes from a terminal: give --input FILE");
  return std::string();
}

Result<std::shared_ptr<const FileSet>> open_files(const std::string& path) {
  if (path.empty()) {
    const sys::BorrowedFd in(STDIN_FILENO);
    return std::shared_ptr<const FileSet>(
        TRY(wolffia::image::files_of_archive(TRY(sys::same_again(in.fd()))), "standard input"));
  }
  const struct stat status = TRY(sys::stat_at(sys::cwd(), path.c_str()), path);
  return std::shared_ptr<const FileSet>(TRY(S_ISDIR(status.st_mode)
                                                ? wolffia::image::files_of_directory(path)
                                                : wolffia::image::files_of_archive(path)));
}

/// Which it is, by what is in it. Docker writes both since its version 25: then the layout is the
/// one that counts, since its layers may be packed. Errors: EINVAL where it is neither.
Result<Kind> kind_of(const FileSet& files, bool is_directory, const std::string& name) {
  if (files.find("oci-layout") && files.find("index.json"))
    return is_directory ? Kind::Layout : Kind::LayoutArchive;
  if (files.find("manifest.json")) return Kind::DockerArchive;
  return Error::because(EINVAL, cat(name,
                                    " holds no images: it must be what `wolffia save`, `podman "
                                    "save` or `docker save` wrote (a root file system is for "
                                    "wolffia-image import)"));
}

Result<void> tell(const std::string& what) {
  return print(cat("Loaded image: ", what, "\n"));
}

/// The image under each of its names. A name that is none keeps it from nothing but that name.
Result<void> load_image(Load& load, const NamedImage& named) {
  const oci::Platform platform = TRY(wanted_platform(load.arguments));
  const auto image = TRY(wolffia::image::resolve_image(*named.source, platform));
  TRY(load.access.check_policy(load.location, image.raw.digest));
  tell_platform(named.source->name(), image.config.platform, platform);
  std::vector<Reference> names;
  for (const std::string& name : named.names) {
    auto reference = wolffia::image::parse_reference(name);
    if (reference)
      names.push_back(std::move(reference).value());
    else
      load.progress.note(cat("left out: ", reference.error().message()));
  }
  if (!names.empty()) load.options.name = names[0];
  TRY(bring_in({*named.source, load.unpackers, load.progress}, image, load.store, load.options));
  load.options.name.reset();
  for (const Reference& name : names) {
    TRY(load.store.tag(name, image.raw.digest));
    TRY(tell(name.text()));
  }
  return names.empty() ? tell(image.raw.digest.text()) : Result<void>();
}

/// In the outer namespace, whose root owns the trees.
Result<int> load(const Arguments& arguments, const std::string& owners) {
  wolffia::image::Unpackers unpackers = TRY(wolffia::image::Unpackers::start());
  const std::string path = TRY(wanted_file(arguments));
  const wolffia::image::Store store = TRY(wanted_store(arguments));
  const auto progress = wanted_progress(arguments);
  const Access access = TRY(Access::open(arguments, progress.get()));
  const std::string name = path.empty() ? "standard input" : path;
  const auto files = TRY(open_files(path));
  const auto status = sys::stat_at(sys::cwd(), path.c_str());
  const Kind kind = TRY(kind_of(*files, status && S_ISDIR(status->st_mode), name));
  Load work{arguments, store, unpackers, *progress, access, {kind, path, {}}, {}};
  work.options.owners = owners;
  work.options.keep_blobs = wanted_blobs(arguments);
  const std::vector<NamedImage> images =
      TRY(kind == Kind::DockerArchive ? wolffia::image::open_docker_images(files, name)
                                      : wolffia::image::open_layout_images(files, name));
  if (images.empty()) return Error::because(ENOENT, cat(name, " holds no images"));
  for (const NamedImage& image : images)
    TRY(load_image(work, image));
  return 0;
}

}  // namespace

Result<int> run_load(const Arguments& arguments) {
  return run_as_owner(arguments,
                      [&](const std::string& owners) { return load(arguments, owners); });
}

}  // namespace wolffia::cli::image
