// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/reference.hpp"
#include "oci/image_spec.hpp"
#include "oci/runtime_spec.hpp"
#include "sys/fd.hpp"

// clang-format off
/// Images on disk, as files and locks that work in a home on NFS; no database.
///
///   version                         "1\n"
///   tmp/                            what is being made; swept when its maker is gone
///   tmp/part-HEX                    what has come of a blob: outlives its maker, to be gone on with
///   locks/                          one file a lock (image/lock.hpp)
///   blobs/ALGORITHM/ab/abcd…        compressed layers, kept only when asked for; 0444
///   layers/OWNERS/KEY/{tree,meta}   KEY: hex of the diffID, or of the chainID where the tree
///                                   depends on those below
///   images/HEX/{manifest,config}    HEX: of the manifest's digest; their bytes as they came
///   images/HEX/layers-OWNERS        the size of the files, then one KEY a line, lowest first; before
///                                   them, while it is not on disk: "boot", boot id, a unique mark
///   refs/NAME                       the digest of the manifest, then the reference; NAME: the
///                                   reference, with "/" as "%2F"
///   containers/ID/image             the digest of a container's manifest; made by cli/user
///
/// Nothing waits for readers, and they take no lock. So whoever makes a name or a record that is to
/// keep an image makes it first and looks for the image then: what is collected is put aside first,
/// and comes back where a name or record has turned up since (image/gc.hpp).
// clang-format on
namespace wolffia::image {

/// An image whose layers are all in the store.
struct StoredImage {
  oci::Digest manifest;
  oci::ImageConfig config;
  std::vector<std::string> layers;  // absolute paths of the trees, lowest first
  uint64_t size = 0;                // of the unpacked files, in bytes
};

/// A name and what it stands for.
struct Tagged {
  std::string reference;  // Reference::text()
  oci::Digest manifest;
  bool read_only = false;  // of an additional store
  friend bool operator==(const Tagged&, const Tagged&) = default;
};

/// How files of a layer are owned on disk: "one" where all of them are the user's, else a name made
/// of the maps; trees of different owners are different trees.
std::string owners_of(std::span<const oci::IdMap> uids, std::span<const oci::IdMap> gids);
inline constexpr std::string_view kOneOwner = "one";

/// The directory of the store: `wanted` (--store), $WOLFFIA_STORE, $XDG_DATA_HOME/wolffia,
/// ~/.local/share/wolffia (the home as in passwd(5) where $HOME is unset).
Result<std::string> store_path(const std::string& wanted);

class Store {
 public:
  /// Opens the store for reading and running, and makes it where it is missing. Never waits.
  /// Errors: EPERM when the directory is not ours or others may write to it; ENOTEMPTY when it is
  /// the directory of something else; ENOTSUP for a newer version.
  static Result<Store> open(const std::string& path);

  const std::string& path() const { return path_; }
  const sys::Fd& directory() const { return directory_; }

  /// The image of that name, with trees owned as `owners` says; also in the read-only stores of
  /// $WOLFFIA_ADDITIONAL_STORES ("DIR:DIR"), and there with those of one owner too. nullopt: not
  /// here, or not with these owners.
  Result<std::optional<StoredImage>> find(const Reference& reference,
                                          std::string_view owners) const;

  /// The same by the manifest's digest, or by 12 or more of its first digits. Errors: EINVAL when
  /// several begin so.
  Result<std::optional<StoredImage>> find_id(std::string_view id, std::string_view owners) const;

  /// Whether the image is here no more because it was not on disk when the machine stopped.
  Result<bool> is_lost(const oci::Digest& manifest) const;
  /// What the name stands for, even where there is no such image.
  Result<std::optional<oci::Digest>> named(const Reference& reference) const;

  /// Whether the image is here now, in ours or in an additional store: to be asked by whoever has
  /// made a record of it, see above.
  Result<bool> has(const oci::Digest& manifest) const;

  /// Every name, sorted; an image without a name appears with an empty one.
  Result<std::vector<Tagged>> list() const;

  /// Gives `manifest`, an image of the store, the name `reference`, and takes it from what had it.
  /// Errors: ENOENT when there is no such image.
  Result<void> tag(const Reference& reference, const oci::Digest& manifest) const;
  /// False: there was no such name.
  Result<bool> untag(const Reference& reference) const;

  /// The bytes of a manifest and of its config, also of an additional store. Errors: ENOENT.
  Result<std::string> manifest_bytes(const oci::Digest& manifest) const;
  Result<std::string> config_bytes(const oci::Digest& manifest) const;

 private:
  Result<std::string> document(const oci::Digest& manifest, const char* name) const;
  Store(std::string path, sys::Fd directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}
  std::string path_;
  sys::Fd directory_;
};

}  // namespace wolffia::image
