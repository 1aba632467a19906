// SPDX-License-Identifier: Apache-2.0
#include "cli/image/flat_root.hpp"

#include "cli/copy_layers.hpp"
#include "cli/layer_trees.hpp"
#include "launch/overlay.hpp"
#include "sys/directory.hpp"
#include "sys/mount.hpp"
#include "sys/path.hpp"

namespace wolffia::cli::image {
namespace {

constexpr const char* kMerged = "merged";
constexpr const char* kEmpty = "empty";
constexpr const char* kCopy = "copy";

/// The overlay, mounted only as long as it is opened: no mount point is left to be removed.
Result<sys::Fd> open_overlay(const Trees& trees, const sys::Fd& place) {
  TRY(sys::make_directory(place, kMerged, 0700));
  const sys::Fd target = TRY(sys::open_directory(place, kMerged));
  TRY(launch::mount_overlay({.lowers = trees}, target));
  auto opened = sys::open_directory(place, kMerged);
  TRY(sys::detach_by_path(place, kMerged));
  return opened;
}

}  // namespace

Result<FlatRoot> FlatRoot::make(const wolffia::image::Writer& writer,
                                std::vector<std::string> layers,
                                wolffia::image::Progress& progress) {
  wolffia::image::Staged staged = TRY(writer.stage());
  Trees trees = TRY(open_trees(layers));
  if (trees.size() == 1) {  // of one directory there is no overlay, and it may have whiteouts
    TRY(sys::make_directory(staged.directory(), kEmpty, 0755));
    const sys::Fd empty = TRY(sys::open_directory(staged.directory(), kEmpty));
    sys::InRoot again = TRY(sys::same_again(empty));
    trees.insert(trees.begin(), std::move(again));
  }
  auto merged = open_overlay(trees, staged.directory());
  if (merged) return FlatRoot(std::move(staged), std::move(merged).value());
  progress.note(
      cat("the image is copied, as its overlay is refused here (", merged.error().message(), ")"));
  TRY(copy_layers(trees, staged.directory(), kCopy), "copying the image");
  sys::Fd copy = TRY(sys::open_directory(staged.directory(), kCopy));
  return FlatRoot(std::move(staged), std::move(copy));
}

}  // namespace wolffia::cli::image
