// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <time.h>

#include "base/quote.hpp"
#include "base/words.hpp"
#include "cli/image/commands.hpp"
#include "cli/image/fill_tree.hpp"
#include "cli/image/flat_root.hpp"
#include "cli/image/outgoing.hpp"
#include "cli/image/source.hpp"
#include "cli/image_options.hpp"
#include "image/local/new_file.hpp"
#include "image/squashfs/write.hpp"
#include "sys/file.hpp"
#include "sys/processors.hpp"

namespace wolffia::cli::image {
namespace {

using wolffia::image::ImageOrder;
using wolffia::image::NewFile;
using wolffia::image::Owners;

/// Whether a word says more than the name of an image in the store. Source:
/// containers-transports(5).
bool has_transport(std::string_view word) {
  for (const std::string_view transport : {"oci:", "oci-archive:", "docker-archive:", "docker://"})
    if (word.starts_with(transport)) return true;
  return false;
}

Result<wolffia::image::ImageFormat> wanted_format(const Arguments& arguments) {
  std::optional<uint32_t> level;
  if (const auto text = arguments.find(kLevel)) {
    level.emplace();
    if (!read_number(*text, *level))
      return Error::because(EINVAL, cat("--level ", quoted(*text), ": it must be a number"));
  }
  auto format = TRY(wolffia::image::image_format(arguments.value(kCompression, "zstd"), level));
  format.threads = TRY(sys::usable_processors());
  return format;
}

/// From the one place or the other to the file. In the outer namespace.
class Conversion {
 public:
  Conversion(const Arguments& arguments, std::string owners, ImageOrder order)
      : arguments_(arguments),
        owners_(std::move(owners)),
        order_(std::move(order)),
        progress_(wanted_progress(arguments)) {
    order_.owners = owners_ == wolffia::image::kOneOwner ? Owners::Caller : Owners::Archive;
  }

  Result<void> run() {
    const std::string word(arguments_.positionals()[0]);
    const std::string path(arguments_.positionals()[1]);
    place_ = TRY(wolffia::image::place_of_file(path));  // a mount changes the working directory
    NewFile made = TRY(NewFile::make(place_.directory, {}), path);
    TRY(fill(made.file(), word), word);
    TRY(sys::sync_file(made.file()), path);
    TRY(std::move(made).name(place_.name), path);
    return {};
  }

 private:
  Result<void> fill(const sys::Fd& file, const std::string& word);
  Result<void> take_stored(const sys::Fd& file, const std::string& name);
  Result<void> take_source(const sys::Fd& file, const std::string& name);

  const Arguments& arguments_;
  const std::string owners_;
  ImageOrder order_;
  std::unique_ptr<wolffia::image::Progress> progress_;
  wolffia::image::FilePlace place_;
};

Result<void> Conversion::fill(const sys::Fd& file, const std::string& word) {
  if (has_transport(word)) return take_source(file, word);
  if (!is_path(word)) return take_stored(file, word);
  const sys::Fd root = TRY(sys::open_at(sys::cwd(), word.c_str(), O_RDONLY | O_DIRECTORY));
  return wolffia::image::write_image(root, file, order_);
}

Result<void> Conversion::take_stored(const sys::Fd& file, const std::string& name) {
  const Outgoing outgoing = TRY(Outgoing::open(arguments_, owners_, *progress_));
  const wolffia::image::FoundImage found = TRY(outgoing.find(name));
  order_.config = TRY(outgoing.store().config_bytes(found.image.manifest));
  order_.root_has_time = false;
  const FlatRoot root = TRY(FlatRoot::make(outgoing.writer(), found.image.layers, *progress_));
  return wolffia::image::write_image(root.directory(), file, order_);
}

/// Its layers are unpacked into the store's tmp/, and kept no longer.
Result<void> Conversion::take_source(const sys::Fd& file, const std::string& name) {
  wolffia::image::Unpackers unpackers = TRY(wolffia::image::Unpackers::start());
  const oci::Platform platform = TRY(wanted_platform(arguments_));
  Access access = TRY(Access::open(arguments_, progress_.get()));
  const Opened opened = TRY(access.source(name));
  const auto image = TRY(wolffia::image::resolve_image(*opened.source, platform));
  TRY(access.check_policy(opened, image.raw.digest));
  tell_platform(opened.source->name(), image.config.platform, platform);
  order_.config = image.config_bytes;
  order_.root_has_time = false;
  order_.unpacked_since = ::time(nullptr);
  const Outgoing outgoing = TRY(Outgoing::open(arguments_, owners_, *progress_));
  const wolffia::image::Staged staged = TRY(outgoing.writer().stage());
  const sys::Fd tree = TRY(staged.make_tree());
  const std::atomic<bool> cancelled = false;
  TRY(fill_tree(tree, image, {*opened.source, unpackers, *progress_, cancelled}, order_.owners));
  return wolffia::image::write_image(tree, file, order_);
}

}  // namespace

Result<int> run_convert(const Arguments& arguments) {
  ImageOrder order;
  order.format = TRY(wanted_format(arguments));
  return run_as_owner(arguments, [&](const std::string& owners) -> Result<int> {
    TRY(Conversion(arguments, owners, order).run());
    return 0;
  });
}

}  // namespace wolffia::cli::image
