// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "base/result.hpp"
#include "cli/option.hpp"
#include "image/destination.hpp"
#include "image/find.hpp"
#include "image/store_write.hpp"
#include "image/transfer/progress.hpp"

namespace wolffia::cli::image {

/// Images on their way out of the store. gc waits for its end.
class Outgoing {
 public:
  /// `owners` names whose trees they are: ours, in the namespace we are in.
  static Result<Outgoing> open(const Arguments& arguments, std::string owners,
                               wolffia::image::Progress& progress);

  /// Errors: ENOENT, a sentence.
  Result<wolffia::image::FoundImage> find(std::string_view name) const;

  const wolffia::image::Store& store() const { return store_; }
  const wolffia::image::Writer& writer() const { return writer_; }

  /// Brings the image to `to`, which is not closed. Returns the digest that it has there.
  Result<oci::Digest> send(const wolffia::image::FoundImage& found,
                           wolffia::image::Destination& to) const;

 private:
  Outgoing(wolffia::image::Store store, wolffia::image::Writer writer, std::string owners,
           wolffia::image::Progress& progress)
      : store_(std::move(store)),
        writer_(std::move(writer)),
        owners_(std::move(owners)),
        progress_(progress) {}

  wolffia::image::Store store_;
  wolffia::image::Writer writer_;
  std::string owners_;
  wolffia::image::Progress& progress_;
};

/// What messages call it: its name, else its id.
std::string called(const wolffia::image::FoundImage& found);

}  // namespace wolffia::cli::image
