// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/store_write.hpp"
#include "image/transfer/progress.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli::image {

/// What an image's layers show together. Nothing can be written to it; it goes with its object.
class FlatRoot {
 public:
  /// `layers` are the paths of the trees, lowest first. The kernel puts them together; where it
  /// refuses, they are copied into the store's tmp/, and that is told. In the outer namespace.
  static Result<FlatRoot> make(const wolffia::image::Writer& writer,
                               std::vector<std::string> layers, wolffia::image::Progress& progress);

  const sys::Fd& directory() const { return directory_; }

 private:
  FlatRoot(wolffia::image::Staged staged, sys::Fd directory)
      : staged_(std::move(staged)), directory_(std::move(directory)) {}

  wolffia::image::Staged staged_;
  sys::Fd directory_;
};

}  // namespace wolffia::cli::image
