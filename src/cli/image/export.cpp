// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "cli/image/commands.hpp"
#include "cli/image/flat_root.hpp"
#include "cli/image/outgoing.hpp"
#include "cli/image_options.hpp"
#include "image/layer/pack.hpp"
#include "image/local/archive_file.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"

namespace wolffia::cli::image {
namespace {

using wolffia::image::ArchiveFile;
using wolffia::image::Owners;
using wolffia::image::PackOptions;

Result<std::unique_ptr<ArchiveFile>> open_output(const Arguments& arguments) {
  const std::string path(arguments.value(kOutput));
  if (!path.empty()) return ArchiveFile::create(path, ArchiveFile::Late::No);
  if (::isatty(STDOUT_FILENO) == 1)
    return Error::because(EINVAL, "an archive is nothing for a terminal: give --output FILE");
  const sys::BorrowedFd out(STDOUT_FILENO);
  sys::InRoot again = TRY(sys::same_again(out.fd()));
  return ArchiveFile::to_stream(std::move(again), ArchiveFile::Late::No);
}

/// Files of a root that others may be changing, as the container has them.
Result<void> write_root(const sys::Fd& root, Owners owners, ArchiveFile& out,
                        wolffia::image::Progress& progress) {
  PackOptions options;
  options.owners = owners;
  options.living = wolffia::image::Living::Yes;
  tell(progress, TRY(out.add_tree(root, options)));
  return out.close();
}

/// In the outer namespace, whose root may read all files.
Result<int> export_root(const Arguments& arguments, const std::string& owners) {
  const std::string word(arguments.positionals()[0]);
  const Owners whose = owners == wolffia::image::kOneOwner ? Owners::Caller : Owners::Archive;
  const auto upper = arguments.find(kUpper);
  const auto progress = wanted_progress(arguments);
  if (is_path(word)) {
    if (upper) return Error::because(EINVAL, "--upper is for an image, not for a directory");
    const sys::Fd root = TRY(sys::open_at(sys::cwd(), word.c_str(), O_RDONLY | O_DIRECTORY), word);
    const auto out = TRY(open_output(arguments));
    TRY(write_root(root, whose, *out, *progress), word);
    return 0;
  }
  const Outgoing outgoing = TRY(Outgoing::open(arguments, owners, *progress));
  std::vector<std::string> layers = TRY(outgoing.find(word)).image.layers;
  if (upper) layers.emplace_back(*upper);
  const auto out = TRY(open_output(arguments));
  const FlatRoot root = TRY(FlatRoot::make(outgoing.writer(), std::move(layers), *progress), word);
  TRY(write_root(root.directory(), whose, *out, *progress), word);
  return 0;
}

}  // namespace

Result<int> run_export(const Arguments& arguments) {
  return run_as_owner(arguments,
                      [&](const std::string& owners) { return export_root(arguments, owners); });
}

}  // namespace wolffia::cli::image
