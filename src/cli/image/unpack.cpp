// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "cli/image/commands.hpp"
#include "cli/image/fill_tree.hpp"
#include "cli/image/source.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"
#include "image/store.hpp"
#include "image/transfer/fetch.hpp"
#include "image/transfer/resolve.hpp"
#include "oci/parse_image.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::image {
namespace {

using wolffia::image::ResolvedImage;

/// The directory to fill; removed again unless it is kept.
class Target {
 public:
  static Result<Target> open(const std::string& path) {
    const auto made = sys::make_directory(sys::cwd(), path.c_str(), 0755);
    if (!made && !made.error().is(EEXIST)) return Error(made.error()).context(path);
    sys::Fd directory = TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_DIRECTORY), path);
    if (!TRY(sys::entry_names(directory, 1), path).empty())
      return Error::because(ENOTEMPTY, cat(path, " must be new or empty"));
    return Target(path, std::move(directory), bool(made));
  }
  Target(Target&& other) noexcept = default;
  Target& operator=(Target&&) = delete;
  ~Target() {
    if (!directory_) return;                 // kept, or moved from
    (void)sys::empty_directory(directory_);  // the failure that brought us here is the one to tell
    if (made_) (void)sys::remove_directory(sys::cwd(), path_.c_str());
  }
  const sys::Fd& directory() const { return directory_; }
  void keep() { directory_.reset(); }

 private:
  Target(std::string path, sys::Fd directory, bool made)
      : path_(std::move(path)), directory_(std::move(directory)), made_(made) {}
  std::string path_;
  sys::Fd directory_;
  bool made_;
};

Result<int> unpack(const Arguments& arguments, wolffia::image::Owners owners) {
  wolffia::image::Unpackers unpackers = TRY(wolffia::image::Unpackers::start());
  const auto words = arguments.positionals();
  const oci::Platform platform = TRY(wanted_platform(arguments));
  const auto progress = wanted_progress(arguments);
  Access access = TRY(Access::open(arguments, progress.get()));
  const Opened opened = TRY(access.source(words[0]));
  const ResolvedImage image = TRY(wolffia::image::resolve_image(*opened.source, platform));
  TRY(access.check_policy(opened, image.raw.digest));
  tell_platform(opened.source->name(), image.config.platform, platform);
  Target target = TRY(Target::open(std::string(words[1])));
  const std::atomic<bool> cancelled = false;
  TRY(fill_tree(target.directory(), image, {*opened.source, unpackers, *progress, cancelled},
                owners),
      opened.source->name());
  target.keep();
  TRY(print(cat(image.raw.digest.text(), "\n")));
  return 0;
}

}  // namespace

Result<int> run_unpack(const Arguments& arguments) {
  TRY(tell_ids());
  return run_as_owner([&](const std::string& owners) {
    const bool one = owners == wolffia::image::kOneOwner;
    return unpack(arguments,
                  one ? wolffia::image::Owners::Caller : wolffia::image::Owners::Archive);
  });
}

}  // namespace wolffia::cli::image
