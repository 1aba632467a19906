// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "image/layer/pack.hpp"
#include "image/store.hpp"
#include "image/store_write.hpp"
#include "image/transfer/progress.hpp"
#include "image/transfer/unpackers.hpp"
#include "oci/derive_image.hpp"

/// Images that are made here. Their layers go through the same process that unpacks strangers'
/// ones, and are there as these are: whole or not at all, for gc to clean up where we are killed.
namespace wolffia::image {

/// Where images are made, and who unpacks and is told.
struct MakeMeans {
  const Store& store;
  const Writer& writer;
  Unpackers& unpackers;
  std::string owners;  // owners_of() of the user namespace that we are in
  Progress& progress;
};

/// How the new image is called and what its config says.
struct MakeOrder {
  std::optional<Reference> name;
  oci::NewStep step;
};

/// An image of one layer, the root file system that the archive `stream` (a file or a pipe; plain,
/// or packed with gzip or zstd) holds. Returns its id. Errors: EINVAL, ENOTSUP, EIO naming what is
/// wrong with the archive; those of unpack_confined() and oci::add_step().
Result<oci::Digest> import_root(const MakeMeans& means, const sys::Fd& stream,
                                const oci::Platform& platform, const MakeOrder& order);

/// `base` with one more layer, what `options` say of `tree`. The same tree and order make the same
/// image. Returns its id. Errors: those of pack(), unpack_confined() and oci::add_step().
Result<oci::Digest> put_on_top(const MakeMeans& means, const StoredImage& base, const sys::Fd& tree,
                               const PackOptions& options, const MakeOrder& order);

}  // namespace wolffia::image
